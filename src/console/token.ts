/** The two tokens of a console, each in a file that only this user reads. */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../durable.js'
import { badInput } from '../error.js'
import type { Role } from './page.js'
import type { Tokens } from './session.js'

/** Private to the user; no pipeline can be called so. */
export function consoleFolder(projectDir: string): string {
  return join(projectDir, 'warehouse', '.console')
}

export function tokenFile(projectDir: string, role: Role): string {
  return join(consoleFolder(projectDir), `${role}.token`)
}

/**
 * Reads the tokens, and makes those that are not there. Throws `console_token`
 * (exit 3) where others may read a file or where it holds no token.
 */
export async function readTokens(projectDir: string): Promise<Tokens> {
  const folder = consoleFolder(projectDir)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return {
    viewer: await token(tokenFile(projectDir, 'viewer')),
    operator: await token(tokenFile(projectDir, 'operator')),
  }
}

async function token(file: string): Promise<string> {
  if (!existsSync(file)) {
    await replaceFile(file, `${randomBytes(32).toString('base64url')}\n`)
  }
  if ((statSync(file).mode & 0o077) !== 0) {
    throw badInput(
      'console_token',
      `The token file ${file} can be read by others, so it may be known; delete it, and the console makes a new one.`,
    )
  }
  const text = readFileSync(file, 'utf8').trim()
  if (text.length >= 32) return text
  throw badInput(
    'console_token',
    `The token file ${file} holds no token of at least 32 characters; delete it, and the console makes a new one.`,
  )
}
