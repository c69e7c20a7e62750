/** How far the steps of a run are, from its log; pure. */
import { counted, formatBytes } from '../format.js'
import type { RunRecord, StepName, StepRecord } from '../run/record.js'
import type { LogLine } from './log-line.js'
import type { Tone } from './run-words.js'

const stepNames: readonly StepName[] = [
  'extract',
  'build',
  'test',
  'plan',
  'apply',
  'verify',
  'publish',
]

export interface StepView {
  readonly step: StepName
  /** In words; empty before it began. */
  readonly status: string
  readonly tone: Tone
  readonly text: string
  /** null where the end is not known. */
  readonly done: number | null
  readonly total: number | null
  readonly startedAt: string | null
  readonly seconds: number | null
}

const tones: Readonly<Record<StepRecord['status'], Tone>> = {
  running: '',
  done: 'good',
  skipped: '',
  failed: 'bad',
  paused: 'warn',
  stopped: 'warn',
}

/** What earlier runs say of how much there is to do. */
export interface Expected {
  readonly models: number
  readonly tests: number
}

/** What happened in the step that goes on, counted from the log. */
export class StepCounter {
  #step = ''
  #count = 0
  #exports = 0
  #rows = 0
  #bytes = 0

  add(line: LogLine): void {
    if (line.event === 'step.started') {
      this.#step = line.step
      this.#count = 0
    } else if (line.event === 'landing.written') {
      this.#exports += 1
      this.#rows += line.rows
      this.#bytes += line.bytes
    } else if (line.event in counting && counting[line.event] === this.#step) {
      this.#count += 1
    }
  }

  /** `done` and `total` of a running step, with words. */
  progress(
    run: Pick<RunRecord, 'plan'>,
    expected: Expected,
  ): Pick<StepView, 'done' | 'total' | 'text'> {
    const done = this.#count
    switch (this.#step) {
      case 'extract':
        return { done: null, total: null, text: this.#landed() }
      case 'build':
        return bar(done, expected.models, counted(done, 'model'))
      case 'test':
        return bar(done, expected.tests, counted(done, 'test'))
      case 'apply': {
        const { merges = 0, updates = 0 } = run.plan ?? {}
        const total = merges + updates
        return bar(done, total, `${done} of ${counted(total, 'row')}`)
      }
      default:
        return { done: null, total: null, text: '' }
    }
  }

  #landed(): string {
    if (this.#exports === 0) return 'exports are being made'
    return `${counted(this.#rows, 'lead')} · ${formatBytes(this.#bytes)} · ${counted(this.#exports, 'export')}`
  }
}

/** Events that count in a step. */
const counting: Readonly<Record<string, StepName>> = {
  'model.built': 'build',
  'model.failed': 'build',
  'test.passed': 'test',
  'test.warned': 'test',
  'test.failed': 'test',
  'row.ended': 'apply',
  'row.failed': 'apply',
}

function bar(done: number, total: number, text: string) {
  // Publishing builds some models again, and rules can have been added.
  return total >= done && total > 0
    ? { done, total, text }
    : { done: null, total: null, text }
}

/** Every step, also those to come. */
export function stepViews(
  run: Pick<RunRecord, 'steps' | 'status' | 'plan'>,
  counter: StepCounter | null,
  expected: Expected,
): StepView[] {
  return stepNames.map((step) => {
    const record = run.steps.find((each) => each.step === step)
    if (record === undefined) return { ...blank, step }
    const { status, text, seconds, started_at: startedAt } = record
    if (status !== 'running') {
      const [first = ''] = text.split('\n')
      const tone = tones[status]
      return { ...blank, step, status, tone, text: first, startedAt, seconds }
    }
    const isKilled = run.status === 'interrupted' || counter === null
    if (isKilled) {
      return { ...blank, step, status: 'killed', tone: 'bad', startedAt }
    }
    const progress = counter.progress(run, expected)
    return { ...blank, step, status, tone: '', startedAt, ...progress }
  })
}

const blank = {
  status: '',
  tone: '',
  text: '',
  done: null,
  total: null,
  startedAt: null,
  seconds: null,
} as const
