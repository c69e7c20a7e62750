import { expect, it } from 'vitest'
import { compile, harness } from './compiled.js'

it('L6: every planted bug is caught', async () => {
  const built = await compile('mutant')
  const { code, told } = await harness(built, 'mutate', '--starts', '1')
  const [, caught, all] = /(\d+) of (\d+) planted bugs caught/.exec(told) ?? []
  expect(Number(all)).toBeGreaterThanOrEqual(20)
  expect(caught).toBe(all)
  expect(code).toBe(0)
}, 600_000)
