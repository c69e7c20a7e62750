import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import type { Result } from './bench/result.js'

function run(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
  })
  expect({ args, status, stderr: status === 0 ? '' : stderr }).toEqual({
    args,
    status: 0,
    stderr: '',
  })
  return stdout
}

it('measures landing, loading and models beside bare DuckDB, with the same clusters', () => {
  run([
    resolve('node_modules/typescript/bin/tsc'),
    '-p',
    '.tsconfig.bench.json',
  ])
  const bench = resolve('.bench/test/bench/bench.js')
  const printed = run([bench, '--leads', '2000', '--repeat', '1', '--json'])
  const result = JSON.parse(printed) as Result
  expect(result.leads).toBe(2000)
  expect(result.comparisons.map(({ phase }) => phase)).toEqual([
    'landing: CSV to Parquet',
    'load: Parquet to raw tables',
    'models and tests, script by hand',
    'models and tests, same SQL in a loop',
  ])
  for (const { ours, bare, ratio } of result.comparisons) {
    expect(ratio).toBeCloseTo(ours.seconds / bare.seconds)
    expect(Math.min(ours.seconds, bare.seconds)).toBeGreaterThan(0)
    expect(Math.min(ours.peak_mb, bare.peak_mb)).toBeGreaterThan(50)
  }
  expect(result.slowest).toHaveLength(8)
  expect(result.help.ratio).toBeGreaterThan(1)
  const { ours, bare } = result.clusters
  expect(ours).toBeGreaterThan(100)
  expect(Math.abs(ours - bare)).toBeLessThan(ours / 20)
}, 180_000)
