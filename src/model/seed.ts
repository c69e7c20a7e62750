/**
 * Lists of domains and mailbox names. They come from packages that are kept
 * up to date, and load into schema `seed` whenever a package's version moved.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { disposableEmailBlocklist } from 'disposable-email-domains-js'
import freeProviders from 'email-providers'
import roleNames from 'role-based-email-addresses'
import type { Warehouse } from '../warehouse/warehouse.js'
import { nicknames } from './nickname.js'
import { countryNames, stateCodes } from './place-name.js'

const require = createRequire(import.meta.url)

/** Empty until decisions are loaded; models read it either way. */
export const overrideTable =
  'seed.override (kind varchar, lead_id bigint, other_id bigint, field varchar, value varchar, author varchar, reason varchar, until date)'

interface Seed {
  readonly table: string
  readonly column: string
  readonly values: () => readonly string[]
}

/**
 * Forwarding addresses, unique per person and per site. No package lists
 * them. Ours, of 2026-11-21.
 */
const relayDomains = [
  'privaterelay.appleid.com',
  'mozmail.com',
  'simplelogin.com',
  'simplelogin.co',
  'slmail.me',
  'aleeas.com',
  'anonaddy.com',
  'anonaddy.me',
  'addy.io',
  'duck.com',
  'passmail.net',
  'passinbox.com',
]

/** The providers whose names people mistype most. Ours, of 2026-11-21. */
const popularDomains = [
  'gmail.com',
  'hotmail.com',
  'yahoo.com',
  'outlook.com',
  'icloud.com',
  'live.com',
  'aol.com',
  'googlemail.com',
  'hotmail.fr',
  'hotmail.co.uk',
  'yahoo.fr',
  'yahoo.co.uk',
  'orange.fr',
  'wanadoo.fr',
  'free.fr',
  'gmx.de',
  'web.de',
  't-online.de',
  'libero.it',
  'protonmail.com',
]

const seeds: readonly Seed[] = [
  {
    table: 'free_domain',
    column: 'domain',
    values: () => [...freeProviders, ...popularDomains],
  },
  {
    table: 'disposable_domain',
    column: 'domain',
    values: () => disposableEmailBlocklist(),
  },
  { table: 'role_name', column: 'name', values: () => roleNames },
  { table: 'relay_domain', column: 'domain', values: () => relayDomains },
  { table: 'popular_domain', column: 'domain', values: () => popularDomains },
]

interface NameSeed {
  readonly table: string
  readonly columns: readonly [string, string]
  readonly pairs: () => readonly (readonly [string, string])[]
}

/** Lists of two columns, the second the meaning of the first. */
const nameSeeds: readonly NameSeed[] = [
  { table: 'nickname', columns: ['name', 'root'], pairs: nicknames },
  { table: 'country_name', columns: ['name', 'code'], pairs: countryNames },
  { table: 'state_name', columns: ['name', 'code'], pairs: stateCodes },
]

function packageVersion(name: string): string {
  const entry = require.resolve(name)
  const folder = entry.slice(0, entry.lastIndexOf(`node_modules/${name}`))
  const file = `${folder}node_modules/${name}/package.json`
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'))
  if (typeof parsed !== 'object' || parsed === null) return 'unknown'
  return 'version' in parsed ? String(parsed.version) : 'unknown'
}

/** Which lists are used, for example `email-providers 2.26.0`. */
export function seedVersion(): string {
  return [
    'disposable-email-domains-js',
    'email-providers',
    'role-based-email-addresses',
    'tldts',
  ]
    .map((name) => `${name} ${packageVersion(name)}`)
    .concat('own lists 2026-11-22')
    .join(', ')
}

async function loadSeed(warehouse: Warehouse, seed: Seed): Promise<void> {
  const values = [
    ...new Set(seed.values().map((value) => value.trim().toLowerCase())),
  ].toSorted()
  await warehouse.run(
    `create or replace table seed.${seed.table} (${seed.column} varchar)`,
  )
  await warehouse.append(
    `seed.${seed.table}`,
    { [seed.column]: 'varchar' },
    values.map((value) => [value]),
  )
}

async function loadNames(warehouse: Warehouse, seed: NameSeed): Promise<void> {
  const [name, meaning] = seed.columns
  await warehouse.run(
    `create or replace table seed.${seed.table} (${name} varchar, ${meaning} varchar)`,
  )
  await warehouse.append(
    `seed.${seed.table}`,
    { [name]: 'varchar', [meaning]: 'varchar' },
    seed.pairs(),
  )
}

/** Fills schema `seed` unless it already holds these versions. */
export async function loadSeeds(warehouse: Warehouse): Promise<void> {
  const version = seedVersion()
  await warehouse.run('create schema if not exists seed')
  await warehouse.run(`create table if not exists ${overrideTable}`)
  await warehouse.run(
    'create table if not exists seed.loaded (version varchar)',
  )
  const loaded = await warehouse.rows<{ version: string }>(
    'select version from seed.loaded',
  )
  if (loaded[0]?.version === version) return
  for (const seed of seeds) await loadSeed(warehouse, seed)
  for (const seed of nameSeeds) await loadNames(warehouse, seed)
  await warehouse.run('delete from seed.loaded')
  await warehouse.run('insert into seed.loaded values ($1)', [version])
}
