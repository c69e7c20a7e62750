/** Plans of any size, and the fewest calls that could carry them out. */
import type { PlanRow } from '../../src/load/plan.js'
import { mergeRow, type Survivor, updateRow } from '../../src/load/plan-row.js'
import type { FieldRules } from '../../src/load/field-rule.js'

const perCall = 300
const losersPerCall = 25
/** Bytes of one import (Adobe docs, bulk lead import). */
const importBytes = 10_000_000

/** What every update writes. */
const domain = 'example.com'

export interface Shape {
  /** How many leads each cluster has, its winner included. */
  readonly clusters: readonly number[]
  readonly updates: number
}

export function leadsOf({ clusters, updates }: Shape): number {
  return clusters.reduce((sum, size) => sum + size, updates)
}

export const email = (id: number) => `p${id}@example.com`

/** Leads from 1 on: the clusters first, each with its winner first. */
export function rowsOf(shape: Shape, rules: FieldRules): PlanRow[] {
  const rows: PlanRow[] = []
  let next = 1
  for (const [n, size] of shape.clusters.entries()) {
    const ids = Array.from({ length: size }, (_, at) => String(next + at))
    next += size
    rows.push(cluster(ids, rules, n + 1))
  }
  for (let n = 1; n <= shape.updates; n += 1, next += 1) {
    const fact = { field: 'emailDomain', before: null, after: domain }
    const facts = [{ ...fact, service: 'domain', reason: null }]
    const row = updateRow({ id: String(next) }, facts, rules, n)
    if (row !== null) rows.push(row)
  }
  return rows
}

/** The winner takes the loser's opt-out, which must be written first. */
function cluster(
  ids: readonly string[],
  rules: FieldRules,
  number: number,
): PlanRow {
  const [winner = '', ...losers] = ids
  const optOut: Survivor = {
    field: 'unsubscribed',
    value: 'true',
    source: losers[0] ?? null,
    rule: 'any_true',
    consent: true,
  }
  const values = ids.map((id) => {
    const own = {
      email: email(Number(id)),
      unsubscribed: String(id !== winner),
    }
    return [id, new Map(Object.entries(own))] as const
  })
  const facts = {
    winner,
    losers,
    mergeInCrm: false,
    service: 'dedupe',
    rules: ['same email'],
    why: 'oldest',
    survivors: [optOut],
    values: new Map(values),
    guarded: ['email'],
  }
  return mergeRow(facts, rules, number)
}

/**
 * The fewest calls that keep the contract, from the shape alone, so that no
 * mistake of the product's batches or prices can hide here: every lead is read
 * before anything is sent and after, 300 a call; every winner gets the opt-out
 * and is read again before its merge; a merge call takes 25 losers; updates
 * are written 300 a call, or by imports that are asked for once each.
 */
export function fewestCalls(
  { clusters, updates }: Shape,
  bulkImport: boolean,
): number {
  const leads = clusters.reduce((sum, size) => sum + size, updates)
  const merges = clusters.reduce(
    (sum, size) => sum + Math.ceil((size - 1) / losersPerCall),
    0,
  )
  const bySync = Math.ceil(updates / perCall)
  const byImport =
    2 * Math.ceil(importSize({ clusters, updates }) / importBytes)
  return (
    2 * Math.ceil(leads / perCall) +
    2 * Math.ceil(clusters.length / perCall) +
    merges +
    (bulkImport ? Math.min(bySync, byImport) : bySync)
  )
}

/** Bytes of a file with the id and the value of each update. */
function importSize({ clusters, updates }: Shape): number {
  const first = clusters.reduce((sum, size) => sum + size, 1)
  let bytes = 0
  for (let id = first; id < first + updates; id += 1) {
    bytes += Buffer.byteLength(`${id},${domain}\n`)
  }
  return bytes
}
