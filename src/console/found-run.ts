/** The run that an address names, and how far it is. */
import { join } from 'node:path'
import { foldersOf } from '../run/folder.js'
import { isOpen, type RunRecord } from '../run/record.js'
import { readRun } from './history.js'
import { LogTail, logLine } from './log-line.js'
import type { PageRequest } from './page.js'
import type { Project } from './project.js'
import { type Expected, StepCounter } from './step-view.js'

export interface FoundRun {
  readonly pipeline: string
  readonly run: RunRecord
  readonly isRunning: boolean
  /** Absolute path of its log. */
  readonly log: string
}

/** The run of an address; null where there is none. */
export async function findRun(request: PageRequest): Promise<FoundRun | null> {
  const { project, params } = request
  const { name = '', run: id = '' } = params
  const file = await project.pipeline(name)
  if (file === null) return null
  const record = readRun(project.dir, name, id)
  if (record === null) return null
  const log = join(foldersOf(project.dir, name).log, `${id}.jsonl`)
  const found = { pipeline: name, run: record, isRunning: false, log }
  if (!isOpen(record)) return found
  const { last, isRunning } = await project.last(name)
  if (isRunning && last?.run_id === id) return { ...found, isRunning: true }
  const ended = readRun(project.dir, name, id) ?? record
  if (!isOpen(ended)) return { ...found, run: ended }
  return { ...found, run: { ...ended, status: 'interrupted' } }
}

/** What the last run that came so far says of how much there is. */
export function expectedOf(project: Project, pipeline: string): Expected {
  const { runs } = project.history(pipeline, 10)
  const counts = runs.map((run) => run.counts)
  return {
    models: counts.findLast(({ models }) => models > 0)?.models ?? 0,
    tests: counts.findLast(({ tests }) => tests > 0)?.tests ?? 0,
  }
}

/** Counts what the log of a running run has so far. */
export async function countLog(log: string): Promise<StepCounter> {
  const counter = new StepCounter()
  const tail = new LogTail(log)
  for (;;) {
    const lines = await tail.read()
    if (lines.length === 0) return counter
    for (const text of lines) {
      const line = logLine(text)
      if (line !== null) counter.add(line)
    }
  }
}

export function trailOf({ pipeline, run }: FoundRun) {
  return [
    { text: pipeline, to: `/pipeline/${pipeline}` },
    { text: run.run_id, to: `/pipeline/${pipeline}/run/${run.run_id}` },
  ]
}
