/** Build files as models would have left them, made by hand. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { foldersOf, makeFolders } from '../../src/run/folder.js'
import { Warehouse } from '../../src/warehouse/warehouse.js'

export interface Lead {
  readonly id: number
  /** Component of the cluster; null: in none. */
  readonly cluster: number | null
  readonly status: 'merge' | 'review'
  /** Merged away earlier. */
  readonly into: number | null
  readonly entity: string | null
}

export interface Pair {
  readonly a: number
  readonly b: number
  readonly probability: number
}

type Value = string | number | boolean | null

function values(rows: readonly (readonly Value[])[]): string {
  return rows
    .map(
      (row) =>
        `(${row.map((v) => (v === null ? 'null' : typeof v === 'string' ? `'${v}'` : String(v))).join(', ')})`,
    )
    .join(', ')
}

/** A build file that holds what models would have made of these leads. */
export async function built(
  leads: readonly Lead[],
  pairs: readonly Pair[] | null,
) {
  const folder = mkdtempSync(join(tmpdir(), 'evaluate-test-'))
  const folders = foldersOf(folder, 'acme')
  makeFolders(folders)
  const warehouse = await Warehouse.open({
    path: folders.build,
    temp: folders.temp,
    sealed: true,
  })
  const clustered = leads.filter(({ cluster }) => cluster !== null)
  const component = (cluster: number | null) =>
    Math.min(...clustered.filter((l) => l.cluster === cluster).map((l) => l.id))
  const statements = [
    'create schema dedupe',
    'create schema meta',
    'create schema seed',
    'create table meta.label (a bigint, b bigint, is_same boolean, author varchar, decided_at timestamp, probability double, origin varchar)',
    'create table seed.override (kind varchar, lead_id bigint, other_id bigint, field varchar, value varchar, author varchar, reason varchar, until date)',
    'create schema load',
    'create table main.lead (id bigint, is_deleted boolean, merged_into_id bigint)',
    `insert into main.lead values ${values(leads.map((l) => [l.id, l.into !== null, l.into]))}`,
    'create table dedupe.cluster_member (service varchar, component bigint, lead_id bigint)',
    'create table dedupe.lead_component (scope varchar, node bigint, component bigint)',
    'create table dedupe.cluster (service varchar, component bigint, winner_id bigint, hold varchar, status varchar)',
    'create table load.load_merge (winner_id bigint, service varchar, rules varchar[])',
    ...(clustered.length === 0
      ? []
      : [
          `insert into dedupe.cluster_member values ${values(clustered.map((l) => ['person', component(l.cluster), l.id]))}`,
          `insert into dedupe.lead_component values ${values(clustered.map((l) => ['person', l.id, component(l.cluster)]))}`,
          `insert into dedupe.cluster select 'person', component, component, if(status = 'review', 'too large', null), status from (select distinct * from (values ${values(clustered.map((l) => [component(l.cluster), l.status]))}) as t(component, status))`,
          `insert into load.load_merge select winner_id, service, ['same email'] from dedupe.cluster where status = 'merge'`,
        ]),
    ...(pairs === null
      ? []
      : [
          'create table dedupe.scored_pair (service varchar, a bigint, b bigint, probability double, weight double, evidence varchar, status varchar, is_apart boolean)',
          ...(pairs.length === 0
            ? []
            : [
                `insert into dedupe.scored_pair values ${values(pairs.map((p) => ['person', p.a, p.b, p.probability, 0, 'email', p.probability > 0.9 ? 'merge' : p.probability > 0.5 ? 'review' : 'no', false]))}`,
              ]),
        ]),
  ]
  for (const sql of statements) await warehouse.run(sql)
  await warehouse.close()
  return folders
}
