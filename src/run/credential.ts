/** Secrets of pipelines: which there are, and new ones that are tried first. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { replaceFile } from '../durable.js'
import { badInput, exitCode, PipelineError } from '../error.js'
import { readDocument } from '../pipeline/document.js'
import {
  envFile,
  readEnvFile,
  readEnvText,
  withEnvFile,
  withVariables,
} from '../pipeline/env-file.js'
import { createPipelineFile } from '../pipeline/edit.js'
import { loadPipeline, loadPipelineText } from '../pipeline/load.js'
import { type Environment, variablesOf } from '../pipeline/reference.js'
import { listPipelines, pipelineFile } from '../pipeline/select.js'
import type { Check } from './check.js'
import { marketoChecks } from './marketo-check.js'

/** A variable, never its value. */
export interface Credential {
  readonly name: string
  readonly purpose: string
  /** false: it may be read while it is typed. */
  readonly isSecret: boolean
  /** Every pipeline that refers to it. */
  readonly pipelines: readonly string[]
  /**
   * Whence runs have it: `environment` is that of the process, which goes
   * before `file`, the project's .env.
   */
  readonly from: 'environment' | 'file' | 'nowhere'
}

export interface CredentialRequest {
  readonly projectDir: string
  /** Of the process, without what .env says. */
  readonly env: Environment
}

interface Use {
  readonly pipeline: string
  readonly name: string
  readonly place: string
  readonly purpose: string
}

/** The variables of one pipeline, in the order of its file. */
export async function credentialsOf(
  pipeline: string,
  { projectDir, env }: CredentialRequest,
): Promise<Credential[]> {
  const uses = await usesOf(projectDir)
  const inFile = readEnvFile(projectDir)
  const own = uses.filter((use) => use.pipeline === pipeline)
  const byName = new Map(own.map((use) => [use.name, use]))
  return [...byName.values()].map(({ name, purpose, place }) => ({
    name,
    purpose,
    isSecret: isSecretPlace(place),
    pipelines: pipelinesOf(name, uses),
    from: isSet(env, name)
      ? 'environment'
      : isSet(inFile, name)
        ? 'file'
        : 'nowhere',
  }))
}

/** An endpoint is on every page of Marketo's own settings. */
export function isSecretPlace(place: string): boolean {
  return (
    place !== 'marketo.endpoint' && !/^alert\.email\.(to|from)$/.test(place)
  )
}

function isSet(env: Environment, name: string): boolean {
  return Object.hasOwn(env, name) && (env[name] ?? '').trim() !== ''
}

function pipelinesOf(name: string, uses: readonly Use[]): string[] {
  const users = uses.filter((use) => use.name === name)
  return [...new Set(users.map(({ pipeline }) => pipeline))]
}

async function usesOf(projectDir: string): Promise<Use[]> {
  const folder = join(projectDir, 'pipelines')
  const uses: Use[] = []
  for (const pipeline of await listPipelines(folder)) {
    const text = await readFile(join(folder, `${pipeline}.yml`), 'utf8')
    const found = variablesOf(readDocument(text))
    uses.push(...found.map((variable) => ({ pipeline, ...variable })))
  }
  return uses
}

export interface Rotated {
  /** What was asked of Marketo with the new values, by pipeline. */
  readonly checks: readonly (Check & { readonly pipeline: string })[]
  /** Names that were written. */
  readonly written: readonly string[]
  /** Whether .gitignore had to be told of .env. */
  readonly ignored: boolean
}

/**
 * Tries new values, then keeps them in the project's .env, which every run
 * reads. Nothing is written where Marketo refuses one of them.
 * @throws PipelineError (exit 3, or 5 where they are refused); no message
 * holds a value
 */
export async function rotateCredentials(
  { projectDir, env }: CredentialRequest,
  values: Readonly<Record<string, string>>,
): Promise<Rotated> {
  const names = Object.keys(values)
  const uses = await usesOf(projectDir)
  refuseOdd(values, uses, env)
  const text = withVariables(readEnvText(projectDir), values)
  const overlay = { ...withEnvFile(env, projectDir), ...values }
  const touched = uses.filter(({ name }) => names.includes(name))
  const checks: (Check & { pipeline: string })[] = []
  for (const pipeline of new Set(touched.map((use) => use.pipeline))) {
    const isConnection = touched.some(
      (use) => use.pipeline === pipeline && use.place.startsWith('marketo.'),
    )
    const file = pipelineFile(join(projectDir, 'pipelines'), pipeline)
    const loaded = await loadPipeline(file, overlay, {
      secrets: 'required',
      base: projectDir,
    })
    if (!isConnection) continue
    const found = await marketoChecks(loaded)
    checks.push(...found.map((check) => ({ ...check, pipeline })))
  }
  refuseFailed(checks)
  await replaceFile(envFile(projectDir), text)
  return { checks, written: names, ignored: await keepIgnored(projectDir) }
}

function refuseOdd(
  values: Readonly<Record<string, string>>,
  uses: readonly Use[],
  env: Environment,
): void {
  const names = Object.keys(values)
  if (names.length === 0) {
    throw badInput(
      'no_credential',
      'No new value was given, so nothing changed.',
    )
  }
  for (const name of names) {
    if (!uses.some((use) => use.name === name)) {
      const text = 'A variable that no pipeline refers to is not kept here.'
      throw badInput('credential_unknown', text)
    }
    if (isSet(env, name)) {
      const text = `${name} is set in the environment that this program was started in, which goes before .env; change it there.`
      throw badInput('credential_elsewhere', text)
    }
    const value = values[name] ?? ''
    if (value.trim() !== value || value === '' || value.length > 4096) {
      const text = `The new value of ${name} is empty, too long, or begins or ends with a blank.`
      throw badInput('credential_odd', text)
    }
  }
}

export interface NewPipeline {
  /** Path of the file that there is not yet. */
  readonly file: string
  readonly text: string
  /** Values of its variables, to be kept; those that are set stay. */
  readonly values: Readonly<Record<string, string>>
  /** false: added although nobody asked Marketo. */
  readonly isChecked: boolean
}

/**
 * Adds a pipeline whose connection works: its file, and the values of its
 * variables. Nothing is written where Marketo refuses.
 */
export async function addPipeline(
  { projectDir, env }: CredentialRequest,
  { file, text, values, isChecked }: NewPipeline,
): Promise<Pick<Rotated, 'written' | 'ignored'> & { checks: Check[] }> {
  const own = variablesOf(readDocument(text)).map(
    ({ name, purpose, place }) => ({
      pipeline: basename(file, '.yml'),
      name,
      purpose,
      place,
    }),
  )
  const names = Object.keys(values)
  if (names.length > 0) refuseOdd(values, own, env)
  const kept = withVariables(readEnvText(projectDir), values)
  const overlay = { ...withEnvFile(env, projectDir), ...values }
  const options = { secrets: 'required', base: projectDir } as const
  const checks = isChecked
    ? await marketoChecks(await loadPipelineText(text, file, overlay, options))
    : []
  const pipeline = basename(file, '.yml')
  refuseFailed(checks.map((check) => ({ ...check, pipeline })))
  await createPipelineFile(file, text, projectDir)
  if (names.length === 0) return { checks, written: [], ignored: false }
  await replaceFile(envFile(projectDir), kept)
  return { checks, written: names, ignored: await keepIgnored(projectDir) }
}

/** Fields and lists may be missing for other reasons than credentials. */
const decisive = ['endpoint', 'credentials', 'permission']

function refuseFailed(
  checks: readonly (Check & { readonly pipeline: string })[],
): void {
  const bad = checks.find(
    ({ check, status }) => decisive.includes(check) && status === 'failed',
  )
  if (bad === undefined) return
  throw new PipelineError(
    'credential_refused',
    `The new values were not kept, because they do not work for ${bad.pipeline}: ${bad.text}`,
    { exit: bad.exit === exitCode.done ? exitCode.access : bad.exit },
  )
}

/** Tells version control to leave .env out, where it is used. */
async function keepIgnored(projectDir: string): Promise<boolean> {
  const file = join(projectDir, '.gitignore')
  const isThere = existsSync(file)
  if (!isThere && !existsSync(join(projectDir, '.git'))) return false
  const text = isThere ? await readFile(file, 'utf8') : ''
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  if (lines.some((line) => ['.env', '/.env', '.env*'].includes(line))) {
    return false
  }
  const gap = text === '' || text.endsWith('\n') ? '' : '\n'
  await replaceFile(file, `${text}${gap}.env\n`)
  return true
}
