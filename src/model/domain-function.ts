/** JavaScript functions on host names, called on distinct hosts only. */
import { domainToASCII, domainToUnicode } from 'node:url'
import { parse } from 'tldts'
import type { Warehouse } from '../warehouse/warehouse.js'

/** What the URL standard would read as something else than a name. */
const notOfNames = /[\p{Cc}\p{Z}%/\\:?#@[\]<>^|]/u

const label = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?'
const hostName = new RegExp(`^(?=.{1,253}$)${label}(\\.${label})+$`)

/**
 * The one way to write a host: lower case, in ASCII, `xn--` where it needs
 * more (UTS 46). Null where no host of an address can be called so.
 */
function hostAscii(host: string): string | null {
  if (notOfNames.test(host)) return null
  const ascii = domainToASCII(host)
  return hostName.test(ascii) && !isAddress(ascii) ? ascii : null
}

/** Numbers alone make an address of a machine and not a name. */
function isAddress(host: string): boolean {
  return /\.[0-9]+$/.test(host)
}

/** As people write it. */
function hostUnicode(host: string): string {
  return domainToUnicode(host) || host
}

interface DomainFact {
  readonly domain: string
  readonly suffix: string
  /** `icann` or `private`; `unknown` where no rule names the suffix. */
  readonly from: string
}

interface Options {
  readonly allowPrivateDomains: boolean
  readonly extractHostname: boolean
  readonly validateHostname: boolean
}

/** A host that is a suffix itself is its own domain. */
function factOf(host: string, options: Options): DomainFact {
  const { domain, publicSuffix, isIcann, isPrivate } = parse(host, options)
  const from =
    isPrivate === true ? 'private' : isIcann === true ? 'icann' : 'unknown'
  if (domain !== null) return { domain, suffix: publicSuffix ?? host, from }
  const dot = host.indexOf('.')
  if (dot === -1 || !isImplied(host, options)) {
    return { domain: host, suffix: publicSuffix ?? host, from }
  }
  const above = host.slice(dot + 1)
  const fact = factOf(above, options)
  return fact.suffix === above ? { ...fact, domain: host } : fact
}

/**
 * The library takes `foo` for a suffix where the list only has `*.foo`; by the
 * list's own algorithm the shorter rule above holds for `foo`.
 */
function isImplied(host: string, options: Options): boolean {
  return parse(`anything.${host}`, options).domain === null
}

/**
 * Registrable domain by the public suffix list, its suffix, and who put that
 * into the list, with a space between.
 */
function domainFact(host: string, scope: string): string {
  const { domain, suffix, from } = factOf(host, {
    allowPrivateDomains: scope === 'private',
    // Hosts come in one form already.
    extractHostname: false,
    validateHostname: false,
  })
  return `${domain} ${suffix} ${from}`
}

export function registerDomainFunctions(warehouse: Warehouse): void {
  warehouse.registerFunction('host_ascii', 1, (host) =>
    host === null ? null : hostAscii(host),
  )
  warehouse.registerFunction('host_unicode', 1, (host) =>
    host === null ? null : hostUnicode(host),
  )
  warehouse.registerFunction('domain_fact', 2, (host, scope) =>
    host === null || scope === null ? null : domainFact(host, scope),
  )
}
