/** How calls go wrong, by name; each name is counted when it strikes. */
import type { Operation } from './event.js'
import type { Fate } from './import.js'

export interface Behaviour {
  /**
   * When a write takes effect: before its answer, never, after it within
   * Marketo's own time limit, or at any time with no answer at all.
   */
  readonly effect: 'before' | 'never' | 'late'
  readonly answer:
    | { readonly kind: 'normal' | 'reset' | 'none' | 'refused' }
    | { readonly kind: 'text'; readonly status: number; readonly text: string }
    | { readonly kind: 'code'; readonly code: string; readonly message: string }
    /** The true answer, changed. */
    | { readonly kind: 'changed'; readonly how: Change }
  /** Of an import that is taken. */
  readonly fate?: Fate
}

export type Change =
  | 'truncated'
  | 'contradiction'
  | 'short'
  | 'shuffled'
  | 'without_ids'
  | 'skipped'
  | 'no_result'

const fates: readonly Fate[] = [
  'rows_failed',
  'rows_shuffled',
  'rows_misaligned',
  'rows_without_file',
  'rows_warned',
  'rows_unsaid',
  'half',
]

const html = '<html><body>We will be back soon.</body></html>'

const broken: Readonly<Record<string, Behaviour['answer']>> = {
  reset: { kind: 'reset' },
  http_500: { kind: 'text', status: 500, text: '' },
  http_502: { kind: 'text', status: 502, text: html },
  http_503: { kind: 'text', status: 503, text: html },
  http_504: { kind: 'text', status: 504, text: html },
  html: { kind: 'text', status: 200, text: html },
  empty: { kind: 'text', status: 200, text: '' },
  no_errors: {
    kind: 'text',
    status: 200,
    text: '{"requestId":"e#1","success":false,"errors":[]}',
  },
  truncated: { kind: 'changed', how: 'truncated' },
  code_604: code('604', 'Request timed out'),
  code_608: code('608', 'API Temporarily Unavailable'),
  code_611: code('611', 'System error'),
  code_614: code('614', 'Invalid Subscription'),
  code_713: code('713', 'Transient Error'),
  code_719: code('719', 'Lock wait timeout exception'),
  code_4711: code('4711', 'Something that nobody has ever seen'),
}

/** Proof that nothing was done. */
const rejected: Readonly<Record<string, Behaviour['answer']>> = {
  not_sent: { kind: 'refused' },
  code_600: code('600', 'Access token not specified'),
  code_601: code('601', 'Access token invalid'),
  code_602: code('602', 'Access token expired'),
  code_606: code('606', "Max rate limit '100' exceeded with in '20' secs"),
  code_615: code('615', "Concurrent access limit '10' reached"),
}

const rare: Readonly<Record<string, Behaviour['answer']>> = {
  code_603: code('603', 'Access denied'),
  code_607: code('607', 'Daily quota reached'),
}

function code(number: string, message: string) {
  return { kind: 'code', code: number, message } as const
}

type Table = ReadonlyMap<string, Behaviour>

function never(answers: Readonly<Record<string, Behaviour['answer']>>): Table {
  return new Map(
    Object.entries(answers).map(([name, answer]) => [
      name,
      { effect: 'never', answer },
    ]),
  )
}

function writes(
  ways: readonly string[] = Object.keys(broken),
): Map<string, Behaviour> {
  const all = new Map<string, Behaviour>(never(rejected))
  for (const [name, answer] of Object.entries(broken)) {
    if (!ways.includes(name)) continue
    all.set(`${name} done`, { effect: 'before', answer })
    all.set(`${name} undone`, { effect: 'never', answer })
    all.set(`${name} late`, { effect: 'late', answer })
  }
  const none = { kind: 'none' } as const
  all.set('no answer, undone', { effect: 'never', answer: none })
  all.set('no answer, late', { effect: 'late', answer: none })
  const odd = { kind: 'changed', how: 'contradiction' } as const
  all.set('contradiction', { effect: 'before', answer: odd })
  return all
}

function merges(): Table {
  const all = new Map(writes())
  for (const refusal of ['712', '714', '1018', '1076', '1077', '1079']) {
    const answer = code(refusal, 'Refused')
    all.set(`refused ${refusal}`, { effect: 'never', answer })
  }
  return all
}

function updates(): Table {
  const all = new Map(writes())
  const changes = ['short', 'shuffled', 'without_ids', 'skipped'] as const
  for (const how of changes) {
    const answer = { kind: 'changed', how } as const
    all.set(`result ${how}`, { effect: 'before', answer })
  }
  return all
}

/** One of each class of outcome; few schedules have an import. */
const waysOfImport = [
  'reset',
  'http_502',
  'html',
  'empty',
  'truncated',
  'code_604',
  'code_611',
  'code_4711',
]

function imports(): Table {
  const all = writes(waysOfImport)
  for (const full of ['1016', '1019']) {
    const answer = code(full, 'Too many imports')
    all.set(`queue full ${full}`, { effect: 'never', answer })
  }
  const large = { kind: 'text', status: 413, text: '' } as const
  all.set('too large', { effect: 'never', answer: large })
  for (const fate of fates) {
    const answer = { kind: 'normal' } as const
    all.set(`taken, ${fate}`, { effect: 'before', answer, fate })
  }
  for (const fate of ['rows_failed', 'half'] as const) {
    const answer = { kind: 'reset' } as const
    all.set(`lost, ${fate}`, { effect: 'before', answer, fate })
  }
  return all
}

/** A file comes as a stream, whose head may be anything. */
function notes(): Table {
  const all = new Map(never(rejected))
  for (const name of ['reset', 'http_502', 'html', 'code_604', 'code_608']) {
    const answer = broken[name]
    if (answer !== undefined) all.set(name, { effect: 'never', answer })
  }
  const gone = { kind: 'text', status: 404, text: 'no file' } as const
  all.set('gone', { effect: 'never', answer: gone })
  const short = { kind: 'changed', how: 'truncated' } as const
  all.set('cut short', { effect: 'never', answer: short })
  return all
}

function reads(): Table {
  const none: Table = new Map([
    ['no answer', { effect: 'never', answer: { kind: 'none' } }],
    [
      'no result',
      { effect: 'never', answer: { kind: 'changed', how: 'no_result' } },
    ],
  ])
  return new Map([...never(broken), ...never(rejected), ...none])
}

const tables = {
  merge: merges(),
  update: updates(),
  read: reads(),
  import: imports(),
  import_job: reads(),
  import_notes: notes(),
  rare: never(rare),
}

/** Kinds of calls that may go wrong. */
const kinds = [
  'merge',
  'update',
  'read',
  'import',
  'import_job',
  'import_notes',
] as const

/** By the kind of call, name by name. */
export function faultsOf(kind: Operation['kind']): Table | null {
  const known = kinds.find((one) => one === kind)
  return known === undefined ? null : tables[known]
}

export const rareFaults: Table = tables.rare

/** `merge: reset late`: every class there is. */
export const faultClasses: readonly string[] = [
  ...kinds.flatMap((kind) =>
    [...tables[kind].keys()].map((name) => `${kind}: ${name}`),
  ),
  ...['merge', 'update', 'read'].flatMap((kind) =>
    [...tables.rare.keys()].map((name) => `${kind}: ${name}`),
  ),
]
