/** What of a run asks for somebody, the worst first, and what to do; pure. */
import { counted } from '../format.js'
import { exitCode } from '../error.js'
import type { RunRecord } from '../run/record.js'
import type { Tone } from './run-words.js'

export interface RunProblem {
  readonly tone: Tone
  readonly title: string
  readonly todo: string
  /** Segments of the page that helps; empty for none. */
  readonly to: readonly string[]
  readonly link: string
}

/** `isOver`: nobody works on it any more. */
export function problemsOf(run: RunRecord, isOver: boolean): RunProblem[] {
  if (!isOver) return []
  return [
    ...errorProblem(run),
    ...killedProblem(run),
    ...rowProblems(run),
    ...testProblems(run, ['fail', 'error'], 'bad'),
    ...planProblem(run),
    ...rejectProblem(run),
    ...testProblems(run, ['warn'], 'warn'),
    ...reviewProblem(run),
    ...staleProblem(run),
  ]
}

const home = ({ pipeline, run_id: id }: RunRecord) => [
  'pipeline',
  pipeline,
  'run',
  id,
]

const none = { to: [], link: '' } as const

function errorProblem({
  error,
  exit_code: exit,
  ...run
}: RunRecord): RunProblem[] {
  if (error === null) return []
  const [title = '', ...rest] = error.message.split('\n')
  const isPause = exit === exitCode.paused
  const next = isPause ? 'Run it again: it continues and repeats nothing.' : ''
  const { pipeline } = run
  const isFile = exit === exitCode.badInput || exit === exitCode.access
  return [
    {
      tone: isPause ? 'warn' : 'bad',
      title,
      todo: [...rest, next].join('\n').trim(),
      ...(isFile
        ? { to: ['pipeline', pipeline, 'settings'], link: 'Settings' }
        : none),
    },
  ]
}

function killedProblem({ status }: RunRecord): RunProblem[] {
  if (status !== 'interrupted') return []
  return [
    {
      tone: 'bad',
      title: 'The process was killed.',
      todo: 'Run it again: it finds out what was under way, continues, and sends nothing twice.',
      ...none,
    },
  ]
}

function rowProblems(run: RunRecord): RunProblem[] {
  const { unresolved = 0, failed = 0, differences = 0 } = run.apply ?? {}
  const to = [...home(run), 'plan']
  const rows = { tone: 'bad', to, link: 'See the rows' } as const
  const log = { to: [...home(run), 'log'], link: 'See the log' }
  const doubtful = {
    ...rows,
    title: `${counted(unresolved, 'row')} could not be resolved: what was sent may or may not have happened.`,
    todo: 'Look at these leads in Marketo. Nothing touches them before somebody has, and says so.',
    to: ['pipeline', run.pipeline, 'review'],
    link: 'Say so',
  }
  const refused = {
    ...rows,
    title: `${counted(failed, 'row')} failed: Marketo refused them.`,
    todo: 'Each row says why. The next run plans anew what is still needed.',
  }
  const other = {
    ...rows,
    ...log,
    title: `${counted(differences, 'field differs', 'fields differ')} from what the plan predicted.`,
    todo: 'Somebody, or a rule in Marketo, changed them at the same time. The log names the rows.',
  }
  return [
    ...(unresolved > 0 ? [doubtful] : []),
    ...(failed > 0 ? [refused] : []),
    ...(differences > 0 ? [other] : []),
  ]
}

function testProblems(
  run: RunRecord,
  statuses: readonly string[],
  tone: Tone,
): RunProblem[] {
  return run.tests
    .filter(({ status }) => statuses.includes(status))
    .map(({ test, model, failures, message }) => ({
      tone,
      title: `${test}: ${counted(failures, 'row')} of ${model} that should not be.`,
      todo:
        message ??
        `In a terminal: pipeline show ${run.pipeline} --test ${test}`,
      to: ['pipeline', run.pipeline, 'quality'],
      link: 'Quality',
    }))
}

function planProblem(run: RunRecord): RunProblem[] {
  if (run.plan?.needs_approval !== true) return []
  const { text = '' } = run.steps.find(({ step }) => step === 'apply') ?? {}
  const isStopped = run.status === 'guardrail'
  return [
    {
      tone: 'warn',
      title: isStopped
        ? `The plan was ${text}.`
        : 'The plan waits for approval.',
      todo: 'Look at it. Apply it if it is right, else correct the rules and run again.',
      to: [...home(run), 'plan'],
      link: 'See the plan',
    },
  ]
}

function rejectProblem({ extract, pipeline }: RunRecord): RunProblem[] {
  const rejects = extract?.rejects ?? 0
  if (rejects === 0) return []
  return [
    {
      tone: 'warn',
      title: `${counted(rejects, 'row')} of the exports could not be read.`,
      todo: 'They were set aside, and no lead counts as gone.',
      to: ['pipeline', pipeline, 'quality'],
      link: 'Quality',
    },
  ]
}

function reviewProblem({ review, pipeline }: RunRecord): RunProblem[] {
  if (review === 0) return []
  return [
    {
      tone: '',
      title: `${counted(review, 'item waits', 'items wait')} for a decision.`,
      todo: 'The rules do not dare to merge them.',
      to: ['pipeline', pipeline, 'review'],
      link: 'Review',
    },
  ]
}

function staleProblem({ apply }: RunRecord): RunProblem[] {
  const stale = apply?.stale ?? 0
  if (stale === 0) return []
  return [
    {
      tone: '',
      title: `${counted(stale, 'row')} left alone, because the leads or the plan were out of date.`,
      todo: 'The next run looks again.',
      ...none,
    },
  ]
}
