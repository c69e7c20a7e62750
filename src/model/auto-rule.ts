/** What templates see of matching by probability. */
import { formatShare } from '../format.js'
import type { DedupeService } from '../pipeline/pipeline.js'
import { blocksOf } from './block.js'
import { autoKeys, comparisonsOf, extrasOf, sharedValues } from './compare.js'
import { mostLinked } from './linkage.js'
import { apartList, excludeList } from './match-context.js'

export const autoLimits = {
  /** A value on more people than this says nothing about one of them. */
  unlike: 2,
  /** So many leads are all compared with one another. */
  compare_all: 2000,
  /** A value that more leads agree in finds no pairs. */
  auto_block: 50,
  /** How many comparisons a lead may cost on average. */
  pairs_per_lead: 8,
  /** So many pairs are drawn at random, and about as many in towns. */
  drawn: 1_000_000,
  link: mostLinked,
}

/** Services that match by probability, in the order of the file. */
export function autoServices(services: readonly DedupeService[]) {
  return services.flatMap((service) =>
    service.auto === null ? [] : [{ ...service, auto: service.auto }],
  )
}

/** Fields that name a person in any of the services. */
export function autoExtras(services: readonly DedupeService[]) {
  const fields = autoServices(services).flatMap(({ auto }) => auto.fields)
  return extrasOf([...new Set(fields)])
}

/** What joins leads by probability, in words for people. */
export function autoWords({ auto }: DedupeService): string {
  const merge = auto === null ? 1 : auto.merge
  return `same by ${formatShare(merge)} or more`
}

export function autoContext(services: readonly DedupeService[]) {
  const found = autoServices(services)
  const extras = autoExtras(services)
  return {
    keys:
      found.length === 0
        ? []
        : [...autoKeys, ...extras.map(({ field }) => field)],
    context: {
      auto: found.map((service) => ({
        name: service.name,
        list: service.list,
        exclude: excludeList(service),
        apart: apartList(service),
      })),
      auto_extras: extras.map(({ field, column }) => ({
        key: `key_${field}`,
        column,
      })),
      auto_shares: [...sharedValues, ...extras.map(({ column }) => column)],
      auto_blocks: blocksOf(extras),
      comparisons: comparisonsOf(extras),
    },
  }
}
