import { spawn } from 'node:child_process'
import { on } from 'node:events'
import {
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lockFolder } from '../../src/warehouse/lock.js'

let folder = ''

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'lock-')), 'acme')
})

afterEach(() => {
  rmSync(dirname(folder), { recursive: true, force: true })
})

describe('the lock of a folder', () => {
  it('is held once, and free again after release', async () => {
    const lock = await lockFolder(folder)
    await expect(lockFolder(folder)).rejects.toMatchObject({
      code: 'locked',
      exit: 9,
      recovery: 'wait',
      details: { pid: process.pid },
    })
    await lock.release()
    await lock.release()
    const again = await lockFolder(folder)
    await again.release()
    expect(statSync(folder).mode & 0o777).toBe(0o700)
  })

  it('names the process that holds it and ends with that process', async () => {
    const holder = spawn(process.execPath, [
      '--input-type=module',
      '-e',
      `import { DuckDBInstance } from '@duckdb/node-api'
       import { mkdirSync } from 'node:fs'
       mkdirSync(${JSON.stringify(folder)}, { recursive: true })
       const instance = await DuckDBInstance.create(${JSON.stringify(join(folder, 'lock.duckdb'))})
       console.log('ready')
       setInterval(() => instance, 1000)`,
    ])
    await new Promise((resolve) => holder.stdout.once('data', resolve))
    await expect(lockFolder(folder)).rejects.toThrow(`pid ${holder.pid}`)
    holder.kill('SIGKILL')
    await new Promise((resolve) => holder.once('exit', resolve))
    await (await lockFolder(folder)).release()
  })

  it('is taken although a killed process left half a lock file', async () => {
    await (await lockFolder(folder)).release()
    writeFileSync(join(folder, 'lock.duckdb'), '')
    const lock = await lockFolder(folder)
    await expect(lockFolder(folder)).rejects.toMatchObject({ code: 'locked' })
    await lock.release()
    expect(readdirSync(folder).toSorted()).toEqual(['lock.duckdb', 'temp'])
  })

  it('has a file that appears whole, so that nobody who comes at the same time finds half of one', async () => {
    for (let round = 0; round < 10; round += 1) {
      const own = join(folder, String(round))
      const size = firstSize(join(own, 'lock.duckdb'))
      await size.ready
      const lock = await lockFolder(own)
      await lock.release()
      const whole = statSync(join(own, 'lock.duckdb')).size
      expect(whole).toBeGreaterThan(0)
      expect(await size.seen).toBe(whole)
    }
  })
})

/** The size of a file at the first moment at which it is there. */
function firstSize(path: string): {
  readonly ready: Promise<unknown>
  readonly seen: Promise<unknown>
} {
  const watcher = new Worker(
    `const { statSync } = require('node:fs')
     const { parentPort, workerData } = require('node:worker_threads')
     parentPort.postMessage('ready')
     for (;;) {
       const found = statSync(workerData, { throwIfNoEntry: false })
       if (found === undefined) continue
       parentPort.postMessage(found.size)
       break
     }`,
    { eval: true, workerData: path },
  )
  const messages = on(watcher, 'message')
  const next = async () => {
    const { value } = (await messages.next()) as { value: [unknown] }
    return value[0]
  }
  return { ready: next(), seen: next() }
}
