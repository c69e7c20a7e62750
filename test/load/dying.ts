/** A client whose process dies in the middle of its work. */
import type { Marketo } from '../../src/marketo/api.js'

/** Where a process dies, relative to one of its calls. */
export type Point = 'before' | 'during' | 'after'

export const points: readonly Point[] = ['before', 'during', 'after']

const calls = new Set<PropertyKey>([
  'leads',
  'updateLeads',
  'mergeLeads',
  'createLeads',
  'leadsByEmail',
  'membersAmong',
  'joinList',
  'statusesIn',
  'joinProgram',
  'pagingToken',
  'activities',
] satisfies (keyof Marketo)[])

type Call = (...args: readonly unknown[]) => Promise<unknown>

export interface Dying {
  readonly marketo: Marketo
  readonly death: Promise<void>
  readonly calls: () => number
}

/** Keeps what a dead process had open from being closed for it. */
const dead: Promise<never>[] = []

/**
 * Dies around its nth call: from then on nothing of it moves any more, as
 * after kill -9, only what is already on its way arrives.
 */
export function dying(marketo: Marketo, nth: number, point: Point): Dying {
  let made = 0
  const { promise: death, resolve: die } = deferred()
  const forever = new Promise<never>(() => {})
  dead.push(forever)
  const around = async (call: () => Promise<unknown>) => {
    made += 1
    if (made !== nth) return await call()
    if (point === 'before') die()
    else {
      const answer = call()
      if (point === 'after') await answer
      else answer.catch(() => {})
      die()
    }
    return await forever
  }
  const client = new Proxy(marketo, {
    get(target, name) {
      const own: unknown = Reflect.get(target, name, target)
      if (typeof own !== 'function' || !calls.has(name)) return own
      const call = own.bind(target) as Call
      return async (...args: readonly unknown[]) =>
        await around(() => call(...args))
    },
  })
  return { marketo: client, death, calls: () => made }
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  const resolvers: (() => void)[] = []
  const promise = new Promise<void>((resolve) => resolvers.push(resolve))
  return { promise, resolve: () => resolvers[0]?.() }
}
