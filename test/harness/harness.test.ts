import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { compile, harness } from './compiled.js'
import { invariants } from './invariant.js'

let built = ''

beforeAll(async () => {
  built = await compile('harness')
}, 120_000)

describe('the proof of apply', () => {
  it('L1: 20,000 schedules of faults and crashes break no promise, and none is left out', async () => {
    const { code, told } = await harness(
      built,
      'soak',
      '20000',
      '--workers',
      '2',
    )
    expect(told).toMatch(/violations +0;/)
    expect(code).toBe(0)
  }, 900_000)

  it('L2: no single crash and no single fault of a plan of four rows breaks a promise', async () => {
    const { code, told } = await harness(built, 'exhaust')
    const [, played, all] = /played +(\d+) of (\d+) enumerated/.exec(told) ?? []
    expect(Number(played)).toBeGreaterThan(1900)
    expect(played).toBe(all)
    expect(code).toBe(0)
  }, 300_000)

  it('checks every promise, here or in a test that is named', () => {
    const names = Object.keys(invariants).map((name) => name.split(' ')[0])
    const all = Array.from({ length: 13 }, (_, n) => `INV-${n + 1}`)
    expect([...new Set(names)]).toEqual(all)
    for (const [name, { by }] of Object.entries(invariants)) {
      const file = 'oracle' in by ? `test/harness/${by.oracle}.ts` : by.test
      const text = readFileSync(resolve(file), 'utf8')
      const wanted = 'oracle' in by ? [`'${name}'`] : by.titles
      for (const one of wanted) expect(text, name).toContain(one)
    }
  })

  it('has an oracle and a Marketo that share nothing with the product', () => {
    const own = [
      'event',
      'fact',
      'fault',
      'import',
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
