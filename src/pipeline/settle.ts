/** What decisions mean: overrides that outrank rules, and labels. */
import type { Decision } from './decision.js'
import { joinLabels, type Label } from './label.js'
import { compareIds, type Override } from './override.js'
import { joinOverrides } from './override-text.js'
import { PipelineFileError, type Problem, quoted, sorted } from './problem.js'

/** What is known of an item of the queue. */
export interface DecidedItem {
  readonly item: string
  readonly kind: 'cluster' | 'pair' | 'sample'
  readonly leads: number
  readonly leadIds: readonly string[]
  readonly probability: number | null
}

export interface Known {
  readonly overrides: readonly Override[]
  readonly labels: readonly Label[]
}

export interface SettleRequest {
  readonly decisions: readonly Decision[]
  readonly items: ReadonlyMap<string, DecidedItem>
  /** What people said before. */
  readonly known: Known
  /** The file of the decisions, for messages. */
  readonly file: string
  readonly pipeline: string
  /** Whoever decided where a decision does not say. */
  readonly author: string
  /** ISO 8601. */
  readonly at: string
}

/** Everything that was said, old and new; what it replaced is gone. */
export interface Settled extends Known {
  readonly counts: Readonly<Record<Decision['verdict'], number>>
  readonly added: readonly Override[]
}

/**
 * @throws PipelineFileError (exit 3) for items and leads that are not there,
 * and for decisions that cannot all be true
 */
export function settle(request: SettleRequest): Settled {
  const { known, file } = request
  const problems: Problem[] = []
  const added: Override[] = []
  const labels: Label[] = []
  const counts = { same: 0, different: 0, winner: 0, skip: 0 }
  let kept = known.overrides
  for (const decision of request.decisions) {
    counts[decision.verdict] += 1
    if (decision.verdict === 'skip') continue
    const made = settleOne(decision, request)
    if ('message' in made) {
      const { line, column } = decision
      problems.push({ file, line, column, ...made })
      continue
    }
    kept = kept.filter((each) => !made.replaces(each))
    added.push(...made.overrides)
    labels.push(...made.labels)
  }
  const overrides = joinOverrides(kept, added)
  problems.push(...bothSaid(labels, file))
  problems.push(...contradictions({ overrides, labels }, request))
  if (problems.length > 0) throw new PipelineFileError(sorted(problems))
  return { overrides, labels: joinLabels(known.labels, labels), counts, added }
}

interface Wrong {
  readonly path: string
  readonly message: string
}

interface Made extends Known {
  /** Whether the decision takes the place of an earlier one. */
  readonly replaces: (earlier: Override) => boolean
}

function settleOne(decision: Decision, request: SettleRequest): Made | Wrong {
  const item = request.items.get(decision.item)
  if (item === undefined) {
    return {
      path: 'item',
      message: `${quoted(decision.item)} is not in the queue of ${request.pipeline}; pipeline review ${request.pipeline} lists what is.`,
    }
  }
  const wrong = leadProblem(decision, item)
  if (wrong !== null) return wrong
  const isSame = decision.verdict !== 'different'
  const ids = new Set(decision.pair ?? item.leadIds)
  const pairs = isSame ? star([...ids]) : everyPair([...ids])
  const author = decision.author || request.author
  const reason = decision.reason || `review of ${item.item}`
  const inside = (id: string | null) => id !== null && ids.has(id)
  const word = { isSame, author, decidedAt: request.at }
  const { winner } = decision
  return {
    labels: [
      // Said of all leads, it turns what was said of pairs of them.
      ...request.known.labels
        .filter(({ a, b }) => inside(a) && inside(b))
        .map((label): Label => ({ ...label, ...word })),
      ...pairs.map((pair) => labelOf(pair, item, word)),
    ],
    overrides: overridesOf(pairs, item, { isSame, winner, author, reason }),
    replaces: ({ kind, leadId, otherId }) =>
      inside(leadId) &&
      (inside(otherId) || (kind === 'winner' && winner !== null)),
  }
}

function labelOf(
  [a, b]: Pair,
  item: DecidedItem,
  word: Pick<Label, 'isSame' | 'author' | 'decidedAt'>,
): Label {
  return {
    a,
    b,
    ...word,
    probability: item.kind === 'pair' ? item.probability : null,
    origin: item.kind === 'sample' ? 'sample' : 'review',
  }
}

function overridesOf(
  pairs: readonly Pair[],
  item: DecidedItem,
  said: {
    readonly isSame: boolean
    readonly winner: string | null
    readonly author: string
    readonly reason: string
  },
): Override[] {
  const { isSame, winner, author, reason } = said
  const rest = { field: null, value: null, author, reason, until: null }
  const kind = isSame ? 'always_merge' : 'never_merge'
  const joined = pairs.map(
    ([leadId, otherId]): Override => ({ kind, leadId, otherId, ...rest }),
  )
  // What the rules merge by themselves needs no decision to do so.
  const isNews = item.kind !== 'sample' || !isSame
  return [
    ...(isNews ? joined : []),
    ...(winner === null
      ? []
      : [{ kind: 'winner', leadId: winner, otherId: null, ...rest } as const]),
  ]
}

function leadProblem(decision: Decision, item: DecidedItem): Wrong | null {
  const { pair, winner } = decision
  const named = [...(pair ?? []), ...(winner === null ? [] : [winner])]
  const strange = named.find((id) => !item.leadIds.includes(id))
  if (strange !== undefined) {
    const path = strange === winner ? 'winner' : 'a'
    return { path, message: `${strange} is not a lead of ${item.item}.` }
  }
  if (pair !== null && pair[0] === pair[1]) {
    return { path: 'b', message: 'is the same lead as a; name two.' }
  }
  if (pair !== null || item.leads === item.leadIds.length) return null
  return {
    path: 'decision',
    message: `of ${item.leads} leads is too much for one line; decide pairs of ${item.item} (columns a and b), or correct the rules.`,
  }
}

type Pair = readonly [string, string]

/** Enough to make one person of all. */
function star(ids: readonly string[]): Pair[] {
  const [hub, ...others] = ids.toSorted(compareIds)
  return hub === undefined ? [] : others.map((id) => [hub, id])
}

function everyPair(ids: readonly string[]): Pair[] {
  const ordered = ids.toSorted(compareIds)
  return ordered.flatMap((a, index) =>
    ordered.slice(index + 1).map((b): Pair => [a, b]),
  )
}

/** Both of one pair in one import; which of them was meant is not ours. */
function bothSaid(labels: readonly Label[], file: string): Problem[] {
  const said = new Map<string, boolean>()
  return labels.flatMap(({ a, b, isSame }) => {
    const pair = `${a} and ${b}`
    const earlier = said.get(pair)
    said.set(pair, isSame)
    return earlier === undefined || earlier === isSame
      ? []
      : [atStart(file, `says both same and different of ${pair}.`)]
  })
}

/** Pairs that are kept apart and yet one person through others. */
export function contradictions(
  { overrides, labels }: Known,
  { file, pipeline }: Pick<SettleRequest, 'file' | 'pipeline'>,
): Problem[] {
  const pairs = overrides.flatMap(({ kind, leadId: a, otherId: b }) =>
    b === null ? [] : [{ a, b, isSame: kind === 'always_merge' }],
  )
  const person = people([...pairs, ...labels].filter(({ isSame }) => isSame))
  return pairs
    .filter(({ a, b, isSame }) => !isSame && person(a) === person(b))
    .map(({ a, b }) =>
      atStart(
        file,
        `keeps ${a} and ${b} apart, although other decisions (here, or in pipelines/${pipeline}.override.csv) make them one person.`,
      ),
    )
}

function atStart(file: string, message: string): Problem {
  return { file, line: 1, column: 1, path: 'the file', message }
}

/** Who each lead is, by the pairs that are one person. */
function people(
  pairs: readonly { readonly a: string; readonly b: string }[],
): (id: string) => string {
  const parent = new Map<string, string>()
  const root = (id: string): string => {
    let at = id
    for (;;) {
      const next = parent.get(at)
      if (next === undefined) return at
      at = next
    }
  }
  for (const { a, b } of pairs) {
    const [from, to] = [root(a), root(b)]
    if (from !== to) parent.set(to, from)
  }
  return root
}
