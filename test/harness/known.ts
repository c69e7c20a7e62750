import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

export interface KnownSeed {
  readonly seed: number
  /** What it once found. */
  readonly found: string
}

/** Seeds that failed once, from the repository. */
export function known(): readonly KnownSeed[] {
  const text = readFileSync(resolve('test/harness/seed.json'), 'utf8')
  return JSON.parse(text) as readonly KnownSeed[]
}
