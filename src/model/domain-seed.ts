/**
 * Lists of domains and mailbox names, as packages that are kept up to date
 * ship them and as a pipeline's own files change them.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { disposableEmailBlocklist } from 'disposable-email-domains-js'
import freeProviders from 'email-providers'
import roleNames from 'role-based-email-addresses'
import type { DomainList, DomainListName } from '../pipeline/domain-list.js'

const require = createRequire(import.meta.url)

/** Day of our own small lists. */
const ours = '2026-11-21'

/** When the packages were published; their files do not say. */
const published: Readonly<Record<string, string>> = {
  'disposable-email-domains-js 1.26.0': '2026-09-21',
  'email-providers 2.26.0': '2026-09-07',
  'role-based-email-addresses 3.1.0': '2026-07-30',
  'tldts 7.5.4': '2026-11-15',
}

/** One part of a list: what a package ships, or what a file changes. */
export interface ListSource {
  readonly source: string
  readonly version: string | null
  /** ISO day, or null where it is not known. */
  readonly dated: string | null
  readonly entries: number
  readonly change: 'shipped' | 'add' | 'remove' | 'replace'
}

export interface DomainSeed {
  readonly list: DomainListName
  readonly table: string
  readonly column: string
  /** Lower case, each once, sorted. */
  readonly values: readonly string[]
  readonly sources: readonly ListSource[]
}

/**
 * Forwarding addresses, unique per person and per site. No package lists
 * them.
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

/** The providers whose names people mistype most. */
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

/**
 * Real providers whose names could be taken for slips of others. The long
 * lists of free providers cannot tell: they hold many a mistyped name.
 */
const lookalikes = [
  'email.com',
  'ymail.com',
  'love.com',
  'gmx.at',
  'gmx.ch',
  'gmx.fr',
  'hotmail.gr',
]

/** Providers that are surely no typing error, a person's own among them. */
export function genuineProviders(own: readonly DomainList[]): string[] {
  const common: unknown = require('email-providers/common.json')
  const named = own
    .filter(({ list, change }) => list === 'free' && change !== 'remove')
    .flatMap(({ values }) => values)
  const known = Array.isArray(common) ? common.map(String) : []
  return [
    ...new Set([...known, ...lookalikes, ...popularDomains, ...named]),
  ].toSorted()
}

interface Shipped {
  readonly list: DomainListName
  readonly table: string
  readonly column: string
  readonly parts: readonly (readonly [
    source: string | null,
    values: () => readonly string[],
  ])[]
}

const shipped: readonly Shipped[] = [
  {
    list: 'free',
    table: 'free_domain',
    column: 'domain',
    parts: [
      ['email-providers', () => freeProviders],
      [null, () => popularDomains],
    ],
  },
  {
    list: 'disposable',
    table: 'disposable_domain',
    column: 'domain',
    parts: [['disposable-email-domains-js', () => disposableEmailBlocklist()]],
  },
  {
    list: 'relay',
    table: 'relay_domain',
    column: 'domain',
    parts: [[null, () => relayDomains]],
  },
  {
    list: 'role',
    table: 'role_name',
    column: 'name',
    parts: [['role-based-email-addresses', () => roleNames]],
  },
  {
    list: 'popular',
    table: 'popular_domain',
    column: 'domain',
    parts: [[null, () => popularDomains]],
  },
]

function packageVersion(name: string): string {
  const entry = require.resolve(name)
  const folder = entry.slice(0, entry.lastIndexOf(`node_modules/${name}`))
  const file = `${folder}node_modules/${name}/package.json`
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'))
  if (typeof parsed !== 'object' || parsed === null) return 'unknown'
  return 'version' in parsed ? String(parsed.version) : 'unknown'
}

function packageSource(name: string, entries: number): ListSource {
  const version = packageVersion(name)
  const dated = published[`${name} ${version}`] ?? null
  return { source: name, version, dated, entries, change: 'shipped' }
}

/** The public suffix list, whose rules are asked one host at a time. */
export function suffixSource(): ListSource {
  return { ...packageSource('tldts', 0), source: 'tldts (public suffix list)' }
}

function clean(values: readonly string[]): string[] {
  return values.map((value) => value.trim().toLowerCase())
}

/** Every list as it holds for a pipeline. */
export function domainSeeds(own: readonly DomainList[]): DomainSeed[] {
  return shipped.map((seed) =>
    seedOf(
      seed,
      own.filter(({ list }) => list === seed.list),
    ),
  )
}

function seedOf(
  { list, table, column, parts }: Shipped,
  own: readonly DomainList[],
): DomainSeed {
  const replaced = own.some(({ change }) => change === 'replace')
  const used = replaced ? [] : parts
  const values = new Set(used.flatMap(([, all]) => clean(all())))
  // What is added by one file and removed by another is not there.
  for (const { change, values: changed } of own) {
    if (change !== 'remove') for (const value of changed) values.add(value)
  }
  for (const { change, values: changed } of own) {
    if (change === 'remove') for (const value of changed) values.delete(value)
  }
  const sources = [
    ...used.map(([name, all]) =>
      name === null
        ? ownSource(all().length)
        : packageSource(name, new Set(clean(all())).size),
    ),
    ...own.map((each) => ({
      source: each.file,
      version: null,
      dated: each.dated,
      entries: each.values.length,
      change: each.change,
    })),
  ]
  return { list, table, column, values: [...values].toSorted(), sources }
}

function ownSource(entries: number): ListSource {
  return {
    source: 'marketo-pipeline',
    version: null,
    dated: ours,
    entries,
    change: 'shipped',
  }
}
