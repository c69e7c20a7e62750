/** Which pipelines are overdue, from their files and records. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Pipeline } from '../pipeline/pipeline.js'
import { foldersOf } from '../run/folder.js'
import { readRecords } from '../run/record.js'
import { type Overdue, overdue } from './overdue.js'

export function checkOverdue(
  projectDir: string,
  pipelines: readonly Pick<Pipeline, 'name' | 'schedule'>[],
  now: Date,
): Overdue[] {
  return pipelines.flatMap((pipeline) => {
    const { name } = pipeline
    const { runs } = readRecords(foldersOf(projectDir, name).log)
    const file = join(projectDir, 'pipelines', `${name}.yml`)
    const known = statSync(file, { throwIfNoEntry: false })?.mtime ?? now
    return overdue(pipeline, runs, { now, known }) ?? []
  })
}

/** `no success since 2026-11-20 05:00 UTC, overdue since …`. */
export function overdueWords({ last_success: last, since }: Overdue): string {
  const success =
    last === null ? 'never succeeded' : `no success since ${moment(last)}`
  return `${success}, overdue since ${moment(since)}`
}

function moment(at: string): string {
  return `${at.slice(0, 16).replace('T', ' ')} UTC`
}
