import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  readEnvFile,
  withEnvFile,
  withVariables,
} from '../../src/pipeline/env-file.js'

function folderWith(text: string | null): string {
  const folder = mkdtempSync(join(tmpdir(), 'pipeline-env-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  if (text !== null) writeFileSync(join(folder, '.env'), text)
  return folder
}

describe('the private file of variables', () => {
  it('gives what the environment does not set', () => {
    const folder = folderWith('A=file\nB=file # note\nC="file"\n')
    const env = withEnvFile({ A: 'process', B: '' }, folder)
    expect(env).toEqual({ A: 'process', B: 'file', C: 'file' })
    expect(readEnvFile(folderWith(null))).toEqual({})
  })

  it.each([
    'plain-1.2',
    'with blank and # sign',
    `it's "quoted"`,
    '$HOME ${A} $(x)',
    '=',
    'https://x.example/a?b=c&d',
  ])('holds %j and leaves other lines', (value) => {
    const text = "# mine\nexport A=1 # old\nB='2'\n"
    const after = withVariables(text, { A: value })
    expect(readEnvFile(folderWith(after))).toEqual({ A: value, B: '2' })
    expect(after).toContain('# mine\n')
    expect(after).toContain("B='2'\n")
  })

  it.each(['a\nB=3', '\u0000', `'"\``])(
    'refuses %j, which it could not hold, without repeating it',
    (value) => {
      expect(() => withVariables('B=2\n', { A: value })).toThrow(
        /^A cannot be kept/,
      )
    },
  )

  it('adds a variable behind a last line without its end', () => {
    expect(withVariables('B=2', { A: '1' })).toBe('B=2\nA=1\n')
  })
})
