import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'

/** Compiled, because threads and planted bugs need files of their own. */
const built = resolve('.bench/harness')

function run(command: string, args: readonly string[]) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let told = ''
  child.stdout.on('data', (chunk: Buffer) => (told += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()))
  return new Promise<{ code: number | null; told: string }>((done) => {
    child.on('close', (code) => done({ code, told }))
  })
}

async function harness(script: string, ...args: string[]) {
  const file = join(built, 'test/harness', `${script}.js`)
  const { code, told } = await run(process.execPath, [file, ...args])
  process.stdout.write(`\n${told}`)
  return { code, told }
}

beforeAll(async () => {
  const tsc = resolve('node_modules/.bin/tsc')
  const { code, told } = await run(tsc, [
    '--project',
    '.tsconfig.bench.json',
    '--outDir',
    built,
  ])
  expect(told.replace(/^npm warn .*$/gm, '').trim()).toBe('')
  expect(code).toBe(0)
}, 120_000)

describe('the proof of apply', () => {
  it('L1: 20,000 schedules of faults and crashes break no promise, and none is left out', async () => {
    const { code, told } = await harness('soak', '20000', '--workers', '2')
    expect(told).toMatch(/violations +0;/)
    expect(code).toBe(0)
  }, 900_000)

  it('L2: no single crash and no single fault of a plan of four rows breaks a promise', async () => {
    const { code, told } = await harness('exhaust')
    const [, hit, all] = /crashes +(\d+) of (\d+) enumerated/.exec(told) ?? []
    expect(hit).toBe(all)
    expect(code).toBe(0)
  }, 300_000)

  it('L6: every planted bug is caught', async () => {
    const { code, told } = await harness('mutate', '--starts', '1')
    const [, caught, all] =
      /(\d+) of (\d+) planted bugs caught/.exec(told) ?? []
    expect(Number(all)).toBeGreaterThanOrEqual(20)
    expect(caught).toBe(all)
    expect(code).toBe(0)
  }, 600_000)

  it('has an oracle and a Marketo that share nothing with the product', () => {
    const own = [
      'event',
      'fact',
      'fault',
      'marketo',
      'oracle',
      'oracle-end',
      'oracle-journal',
      'oracle-limit',
      'oracle-send',
      'server',
    ]
    for (const name of own) {
      const text = readFileSync(resolve(`test/harness/${name}.ts`), 'utf8')
      expect(text, name).not.toMatch(/from '\.\.\//)
    }
  })
})
