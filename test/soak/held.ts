/** What this process is doing, so that a clock may know when it only waits. */
import { subscribe } from 'node:diagnostics_channel'
import { ClientRequest } from 'node:http'
import { Session } from '../../src/warehouse/session.js'
import { Warehouse } from '../../src/warehouse/warehouse.js'

let statements = 0
let exchanges = 0
let events = 0

/** Grows with everything that happens on the network or in DuckDB. */
export function eventCount(): number {
  return events
}

/** HTTP requests of this process whose answer is not complete. */
export function openExchanges(): number {
  return exchanges
}

/** Whether DuckDB or the disk is working; waiting is then no waiting. */
export function isWorking(): boolean {
  if (statements > 0) return true
  return process
    .getActiveResourcesInfo()
    .some((name) => name.startsWith('FS') || name.startsWith('FileHandle'))
}

function counted<A extends unknown[], R>(
  work: (this: unknown, ...args: A) => Promise<R>,
): (this: unknown, ...args: A) => Promise<R> {
  return async function (this: unknown, ...args: A): Promise<R> {
    statements += 1
    try {
      return await work.apply(this, args)
    } finally {
      statements -= 1
      events += 1
    }
  }
}

function replace(owner: object, name: string): void {
  const work: unknown = Reflect.get(owner, name)
  if (typeof work !== 'function') throw new TypeError(`No ${name} to watch`)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked
  const value = counted(work as (...args: unknown[]) => Promise<unknown>)
  Object.defineProperty(owner, name, { value })
}

let isWatching = false

/** Begins to watch; DuckDB's threads show nowhere else. */
export function watchWork(): void {
  if (isWatching) return
  isWatching = true
  replace(Session.prototype, 'execute')
  replace(Warehouse.prototype, 'append')
  replace(Warehouse.prototype, 'close')
  replace(Warehouse, 'open')
  subscribe('http.client.request.start', (message) => {
    const request: unknown =
      typeof message === 'object' && message !== null && 'request' in message
        ? message.request
        : null
    if (!(request instanceof ClientRequest)) return
    exchanges += 1
    events += 1
    request.once('close', () => {
      exchanges -= 1
      events += 1
    })
  })
}
