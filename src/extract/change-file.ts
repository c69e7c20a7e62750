import { open, readFile } from 'node:fs/promises'
import { replaceFile } from '../durable.js'
import { asError, asMachineError } from '../error.js'
import {
  type ChangeLine,
  deletionMemory,
  hasDeletions,
  readChanges,
} from './change.js'
import { lately } from './lately.js'
import type { StateFile } from './state.js'
import { jsonLines } from './file.js'
import { changesName } from './landed.js'
import type { Work } from './work.js'

/**
 * Deletions and merges since the extract before, read once, to disk. Every
 * page is durable with the token of the next one, so that a run that was cut
 * off goes on where it was. Sets `hasGap` where deletions may be missing.
 */
export async function landChanges(
  work: Work,
  states: readonly StateFile[],
): Promise<void> {
  const { marketo, file, emit, signal } = work
  const { changesSince, hasChanges } = file.state
  if (changesSince === null || hasChanges) return
  const age = marketo.serverNow() - Date.parse(changesSince)
  const path = file.path(changesName)
  const isOnePass = lately(states, marketo.serverNow(), 'hasDeletions')
  const isWhole = await readChanges(marketo, {
    since: changesSince,
    before: await linesSoFar(path),
    keep: (lines) => append(path, lines),
    signal,
    isOnePass,
  })
  const hasGap = age > deletionMemory || !isWhole
  if (hasGap) emit({ type: 'gap', since: changesSince })
  const lines = await readChangeFile(path)
  const isKnown = isOnePass ? null : hasDeletions(lines)
  await file.change((state) => {
    state.hasChanges = true
    if (hasGap) state.hasGap = true
    if (isKnown !== null) state.hasDeletions = isKnown
  })
  emit({
    type: 'changes',
    // A deletion may be in both places where it is looked for.
    deletes: new Set(lines.flatMap((line) => deletedId(line) ?? [])).size,
    merges: lines.filter(({ kind }) => kind === 'merge').length,
  })
}

function deletedId(line: ChangeLine): string | null {
  return line.kind === 'delete' ? line.id : null
}

async function append(
  path: string,
  lines: readonly ChangeLine[],
): Promise<void> {
  try {
    const handle = await open(path, 'a', 0o600)
    try {
      await handle.appendFile(text(lines))
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw asMachineError(error, `Writing ${path}`)
  }
}

function text(lines: readonly ChangeLine[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('')
}

/** What a killed run wrote; a line that it did not finish is taken away. */
async function linesSoFar(path: string): Promise<ChangeLine[]> {
  const written = await readFile(path, 'utf8').catch((thrown: unknown) => {
    const error = asError(thrown)
    if ('code' in error && error.code === 'ENOENT') return ''
    throw error
  })
  const whole = written.slice(0, written.lastIndexOf('\n') + 1)
  if (whole !== written) await replaceFile(path, whole)
  return jsonLines(whole).filter(isLine)
}

export async function readChangeFile(path: string): Promise<ChangeLine[]> {
  return jsonLines(await readFile(path, 'utf8')).filter(isLine)
}

function isLine(value: unknown): value is ChangeLine {
  return typeof value === 'object' && value !== null && 'kind' in value
}
