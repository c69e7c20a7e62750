/** What each match rule says of two leads, in words; pure. */
import { matchContext } from '../model/match-context.js'
import type { DedupeService, Pipeline } from '../pipeline/pipeline.js'
import type { Bench, BenchPair, Compared, Scope } from './why-compare.js'
import type {
  WhyComparison,
  WhyHold,
  WhyKey,
  WhyPair,
  WhyRule,
} from './why-document.js'

export interface Named extends BenchPair {
  /** Their ids, for sentences. */
  readonly names: readonly [string, string]
}

export function dedupeServices(pipeline: Pipeline): DedupeService[] {
  return pipeline.services.filter((service) => service.type === 'dedupe')
}

export type HoldOf = (
  service: string,
  rule: number,
  key: string,
) => WhyHold | null

/** Every rule of every dedupe service, in the file's order. */
export function rulesOf(
  pipeline: Pipeline,
  pair: Named,
  { bench, holdOf }: { readonly bench: Bench; readonly holdOf: HoldOf },
): WhyRule[] {
  const compared = bench.comparedOf(pair)
  const [a, b] = [bench.keysOf(pair.a), bench.keysOf(pair.b)]
  return dedupeServices(pipeline).flatMap((service) =>
    service.match.map((rule, index): WhyRule => {
      const number = index + 1
      const isOf = (one: { service: string; rule: number }) =>
        one.service === service.name && one.rule === number
      const comparisons = ordered(compared.filter(isOf), service, index)
      const scopes = [a.scopes.find(isOf), b.scopes.find(isOf)] as const
      const differs =
        outOfScope(scopes, pair.names) ?? difference(comparisons, pair.names)
      const print = a.prints.find(isOf)?.key ?? null
      const isCommon = print !== null && b.prints.find(isOf)?.key === print
      return {
        service: service.name,
        rule: number,
        words: matchContext(rule, index, service).words,
        comparisons,
        agrees: differs === null,
        differs,
        held: isCommon ? holdOf(service.name, number, print) : null,
      }
    }),
  )
}

const parts = ['same', 'similar', 'block']

/** As the pipeline file has them. */
function ordered(
  found: readonly Compared[],
  service: DedupeService,
  index: number,
): WhyComparison[] {
  const rule = service.match[index]
  const keys = [
    ...(rule?.same ?? []),
    ...(rule?.similar ?? []).map(({ key }) => key),
    ...(rule?.block ?? []).flat(),
  ]
  return found
    .toSorted(
      (one, other) =>
        parts.indexOf(one.part) - parts.indexOf(other.part) ||
        (one.block ?? 0) - (other.block ?? 0) ||
        keys.indexOf(one.key) - keys.indexOf(other.key),
    )
    .map(({ part, block, key, a, b, similarity, threshold }) => ({
      part,
      block,
      key,
      a,
      b,
      similarity,
      threshold,
    }))
}

function outOfScope(
  scopes: readonly [Scope | undefined, Scope | undefined],
  names: readonly [string, string],
): string | null {
  for (const [at, scope] of scopes.entries()) {
    const name = names[at] ?? ''
    if (scope === undefined) return `no rule looks at anonymous lead ${name}`
    if (scope.isExcluded) {
      return `a never rule takes ${name} out of all matching`
    }
    if (!scope.isMeant) return `${name} does not fulfil the rule's conditions`
    if (!scope.isListed) return `${name} is not on the rule's list`
  }
  return null
}

export function keyWords(key: string): string {
  return key.replaceAll('_', ' ')
}

function missing(key: WhyKey, name: string): string {
  const why = key.gap === null ? 'yields nothing' : `is ${key.gap}`
  return `${keyWords(key.key)} of ${name} ${why}`
}

function difference(
  comparisons: readonly WhyComparison[],
  names: readonly [string, string],
): string | null {
  const [one, other] = names
  const needed = comparisons.filter(({ part }) => part !== 'block')
  for (const { part, key, a, b, similarity, threshold } of needed) {
    if (a.value === null) return missing(a, one)
    if (b.value === null) return missing(b, other)
    if (part === 'same' && a.value !== b.value) {
      return `${keyWords(key)} ${a.value} ≠ ${b.value}`
    }
    if (part === 'similar' && (similarity ?? 0) < threshold) {
      return `${keyWords(key)} ${a.value} ~ ${b.value} is ${(similarity ?? 0).toFixed(2)}, less than ${threshold.toFixed(2)}`
    }
  }
  return blockDifference(comparisons, names)
}

function isShared(keys: readonly WhyComparison[]): boolean {
  return keys.every(({ a, b }) => a.value !== null && a.value === b.value)
}

/** Leads are compared where they agree in all keys of one block. */
function blockDifference(
  comparisons: readonly WhyComparison[],
  [one, other]: readonly [string, string],
): string | null {
  const blocks = new Map<number, WhyComparison[]>()
  for (const each of comparisons) {
    if (each.part !== 'block' || each.block === null) continue
    blocks.set(each.block, [...(blocks.get(each.block) ?? []), each])
  }
  const all = [...blocks.values()]
  if (all.length === 0 || all.some(isShared)) return null
  const [first] = all.flatMap((keys) =>
    keys.filter(({ a, b }) => a.value === null || a.value !== b.value),
  )
  if (first === undefined) return null
  const { a, b, key } = first
  const what =
    a.value === null
      ? missing(a, one)
      : b.value === null
        ? missing(b, other)
        : `${keyWords(key)} ${a.value} ≠ ${b.value}`
  return `no block is shared: ${what}`
}

/** Why these two were or were not taken for one person, in one sentence. */
export function verdictOf(
  pair: Omit<WhyPair, 'verdict'>,
  group: { readonly status: string; readonly hold: string | null } | null,
): string {
  const { together, decision, rules, apart, matches, oneCluster } = pair
  if (together !== null) {
    return `they were merged by plan row ${together.row} of run ${together.run ?? 'unknown'}`
  }
  if (decision !== null) {
    const what = decision.kind === 'never_merge' ? 'two people' : 'one person'
    return `${decision.author} said that they are ${what}: ${decision.reason}`
  }
  const isApart = (service: string) =>
    apart.find((one) => one.service === service)
  const agreeing = rules.filter(({ agrees }) => agrees)
  const free = agreeing.filter(
    ({ service, held }) => held === null && isApart(service) === undefined,
  )
  const doubt = matches.find(({ status }) => status === 'review')
  if (doubt !== undefined && !oneCluster) {
    return `they are one person with probability ${(doubt.probability ?? 0).toFixed(2)}, which a person has to decide`
  }
  if (free.length > 0 || matches.length > 0) {
    return foundVerdict(oneCluster ? group : null)
  }
  for (const { service, held } of agreeing) {
    const keeps = isApart(service)
    if (keeps !== undefined) {
      return `a rule takes them for one person, but they differ in ${keeps.words}`
    }
    if (held !== null) {
      return `a rule would take them for one person, but its value stands on ${held.leads} leads of ${held.people} people (${held.hold})`
    }
  }
  return 'no rule takes them for one person'
}

function foundVerdict(
  group: { readonly status: string; readonly hold: string | null } | null,
): string {
  if (group === null) {
    return 'a rule takes them for one person now; the last run had not put them together'
  }
  const hold = group.hold === null ? '' : `: ${group.hold}`
  switch (group.status) {
    case 'review':
      return `they are taken for one person, and wait for a decision${hold}`
    case 'deferred':
      return `they are taken for one person, and wait for the next run${hold}`
    case 'merge':
      return 'they are taken for one person, and are planned to be merged'
    default:
      return 'they are one person, and were merged'
  }
}
