/** A run as it goes on, told to pages that are open. */
import { isOpen } from '../run/record.js'
import { formatDuration } from '../format.js'
import { expectedOf, findRun, type FoundRun } from './found-run.js'
import { readRun } from './history.js'
import { lineView, LogTail, logLine } from './log-line.js'
import type { Live, LiveOut } from './page.js'
import type { Project } from './project.js'
import { StepCounter, stepViews, type StepView } from './step-view.js'

/** Milliseconds between two looks at the log. */
const look = 400
/** Looks after which it is checked that the process still lives. */
const looksPerCheck = 10
/** Lines sent at once; who opens the page late has them on it already. */
const most = 100

export const runLive: Live = {
  kind: 'live',
  path: '/pipeline/:name/run/:run/live',
  role: 'viewer',
  async open(request) {
    const found = await findRun(request)
    if (found === null) return null
    const isGone = async () => !(await findRun(request))?.isRunning
    const sleep = (signal: AbortSignal) => request.clock.sleep(look, signal)
    return async (out, signal) =>
      await follow(request.project, found, { out, signal, isGone, sleep })
  },
}

interface Following {
  readonly out: LiveOut
  readonly signal: AbortSignal
  readonly isGone: () => Promise<boolean>
  readonly sleep: (signal: AbortSignal) => Promise<void>
}

async function follow(
  project: Project,
  { pipeline, run, log, isRunning }: FoundRun,
  { out, signal, isGone, sleep }: Following,
): Promise<void> {
  if (!isRunning) return await out.send('over', {})
  const expected = expectedOf(project, pipeline)
  const counter = new StepCounter()
  const tail = new LogTail(log)
  let sent = ''
  for (let looks = 1; ; looks += 1) {
    const lines = (await tail.read()).flatMap((text) => logLine(text) ?? [])
    for (const line of lines) counter.add(line)
    const record = readRun(project.dir, pipeline, run.run_id) ?? run
    const views = stepViews(record, counter, expected)
    const state = JSON.stringify(views)
    if (state !== sent) await sendSteps(out, views)
    sent = state
    const told = lines.filter(({ level }) => level !== 'debug').slice(-most)
    // Those of the first look are on the page.
    if (looks > 1 && told.length > 0) await sendLines(out, told)
    if (!isOpen(record)) break
    if (looks % looksPerCheck === 0 && (await isGone())) break
    await sleep(signal)
  }
  await out.send('over', {})
}

async function sendSteps(
  out: LiveOut,
  views: readonly StepView[],
): Promise<void> {
  const fill = views.flatMap(({ step, status, text, seconds }) => [
    [`step-${step}-status`, status],
    [`step-${step}-text`, text],
    [`step-${step}-took`, seconds === null ? '' : formatDuration(seconds)],
  ])
  await out.send('fill', Object.fromEntries(fill))
  const tone = views.map(({ step, status, tone: name }) => [
    `step-${step}-status`,
    status === '' ? '' : `status ${name}`,
  ])
  await out.send('tone', Object.fromEntries(tone))
  const bar = views.map(({ step, done, total }) => [
    `step-${step}-bar`,
    { value: done ?? 0, max: total ?? 1, hidden: total === null },
  ])
  await out.send('bar', Object.fromEntries(bar))
}

async function sendLines(
  out: LiveOut,
  lines: readonly Parameters<typeof lineView>[0][],
): Promise<void> {
  const rows = lines.map((line) => {
    const { time, level, event, text } = lineView(line)
    return { level, cells: [time, level, event, text] }
  })
  await out.send('line', { rows })
}
