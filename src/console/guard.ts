/** Who may do what, decided from what a request says of itself; pure. */
import { timingSafeEqual, createHash } from 'node:crypto'
import type { Role } from './page.js'

/** What a request says, before anything of it is used. */
export interface Knock {
  readonly method: string
  readonly host: string | undefined
  readonly origin: string | undefined
  /** Sec-Fetch-Site and Sec-Fetch-Mode. */
  readonly site: string | undefined
  readonly mode: string | undefined
  readonly role: Role | null
  /** Whether the form carries the session's own token. */
  readonly hasToken: boolean
}

/** Where the console answers, as browsers write it. */
export interface Address {
  /** Exact values of Host. */
  readonly hosts: readonly string[]
  /** Exact values of Origin. */
  readonly origins: readonly string[]
}

export type Refusal =
  | 'wrong_host'
  | 'wrong_method'
  | 'cross_origin'
  | 'no_session'
  | 'wrong_role'
  | 'no_token'

export const refusalStatus: Readonly<Record<Refusal, 401 | 403 | 405 | 421>> = {
  wrong_host: 421,
  wrong_method: 405,
  cross_origin: 403,
  no_session: 401,
  wrong_role: 403,
  no_token: 403,
}

/**
 * Checked before a route is looked for. A name that leads here by another
 * name server would make other pages ours, so Host must be exact.
 */
export function refuseKnock(knock: Knock, address: Address): Refusal | null {
  const { method, host } = knock
  if (host === undefined || !address.hosts.includes(host)) return 'wrong_host'
  if (method === 'POST') {
    return isOurs(knock, address) ? null : 'cross_origin'
  }
  if (method !== 'GET' && method !== 'HEAD') return 'wrong_method'
  return isReadable(knock) ? null : 'cross_origin'
}

/** Checked when the route is known. */
export function refuseRoute(
  knock: Knock,
  route: { readonly role: Role; readonly changes: boolean },
): Refusal | null {
  if (knock.role === null) return 'no_session'
  if (route.role === 'operator' && knock.role !== 'operator') {
    return 'wrong_role'
  }
  return route.changes && !knock.hasToken ? 'no_token' : null
}

/**
 * A change comes from a page of ours, and its browser says so: in words that
 * no page can choose, or, before browsers had them, by Origin alone. Forms of
 * pages that send no referrer have the Origin `null`.
 */
function isOurs({ origin, site }: Knock, { origins }: Address): boolean {
  const isNamed = origin !== undefined && origins.includes(origin)
  if (site === undefined) return isNamed
  if (site !== 'same-origin') return false
  return isNamed || origin === undefined || origin === 'null'
}

/** A link from elsewhere may lead here; another page may not read ours. */
function isReadable({ site, mode }: Knock): boolean {
  const isOther = site === 'cross-site' || site === 'same-site'
  return !isOther || mode === 'navigate'
}

/** Compares in a time that says nothing of where texts differ. */
export function isSame(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
