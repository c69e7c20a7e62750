import { spawn } from 'node:child_process'
import {
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
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
})
