/**
 * `.env` in the project's folder: values of variables, private to the user
 * and never under version control. What the environment itself sets goes
 * before it.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { asError, badInput, exitCode, PipelineError } from '../error.js'
import type { Environment } from './reference.js'

export function envFile(projectDir: string): string {
  return join(projectDir, '.env')
}

/** The environment, with what the file says where it says nothing. */
export function withEnvFile(env: Environment, projectDir: string): Environment {
  const known = new Map(Object.entries(readEnvFile(projectDir)))
  for (const [name, value] of Object.entries(env)) {
    const isSaid = value !== undefined && value.trim() !== ''
    if (isSaid || !known.has(name)) known.set(name, value)
  }
  return Object.fromEntries(known)
}

/** Nothing where there is no file. */
export function readEnvFile(projectDir: string): Environment {
  return parseEnv(readEnvText(projectDir))
}

export function readEnvText(projectDir: string): string {
  const file = envFile(projectDir)
  try {
    return readFileSync(file, 'utf8')
  } catch (thrown) {
    const error = asError(thrown)
    const code = 'code' in error ? String(error.code) : error.message
    if (code === 'ENOENT' || code === 'ENOTDIR') return ''
    throw new PipelineError(
      'env_file',
      `${file} cannot be read (${code}); give yourself the right, or remove it.`,
      { exit: exitCode.machine, cause: error },
    )
  }
}

/**
 * The text with these values in it; other lines stay as they are.
 * @throws PipelineError (exit 3) for a value that such a file cannot hold
 */
export function withVariables(
  text: string,
  values: Readonly<Record<string, string>>,
): string {
  const after = Object.entries(values).reduce(
    (lines, [name, value]) => setLine(lines, name, line(name, value)),
    text,
  )
  const read = new Map(Object.entries(parseEnv(after)))
  for (const [name, value] of Object.entries(values)) {
    if (read.get(name) !== value) throw unwritable(name)
  }
  const before = Object.entries(parseEnv(text))
  for (const [name, value] of before) {
    if (!Object.hasOwn(values, name) && read.get(name) !== value) {
      throw unwritable(name)
    }
  }
  return after
}

function setLine(text: string, name: string, wanted: string): string {
  const old = new RegExp(`^[ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=.*$`, 'gm')
  const isThere = text.match(old) !== null
  if (isThere) return text.replace(old, () => wanted)
  const gap = text === '' || text.endsWith('\n') ? '' : '\n'
  return `${text}${gap}${wanted}\n`
}

function line(name: string, value: string): string {
  if (/^[\w./:@%+,~-]*$/.test(value)) return `${name}=${value}`
  const quote = ["'", '"', '`'].find((each) => !value.includes(each))
  const isPrintable = !/[\p{Cc}\u2028\u2029]/u.test(value)
  if (quote === undefined || !isPrintable) throw unwritable(name)
  return `${name}=${quote}${value}${quote}`
}

function unwritable(name: string): Error {
  return badInput(
    'env_value',
    `${name} cannot be kept in .env as it is; set it in the environment instead.`,
  )
}
