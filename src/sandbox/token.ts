import { createHash } from 'node:crypto'
import type { ClientOption } from './option.js'

interface Token {
  readonly text: string
  readonly client: ClientOption
  expiresAt: number
}

export type TokenCheck =
  | { readonly ok: true; readonly client: ClientOption }
  | { readonly ok: false; readonly code: '601' | '602' }

/**
 * Access tokens: one live token per client; asking again within its life
 * returns the same one with what is left (Adobe docs, authentication).
 */
export class TokenDesk {
  readonly #clients: Map<string, ClientOption>
  readonly #current = new Map<string, Token>()
  readonly #known = new Map<string, Token>()
  readonly #life: number
  #shortLife: number | null = null
  #issued = 0

  constructor(clients: readonly ClientOption[], life: number) {
    this.#clients = new Map(clients.map((client) => [client.id, client]))
    this.#life = life
  }

  client(id: string, secret: string): ClientOption | null {
    const client = this.#clients.get(id)
    return client?.secret === secret ? client : null
  }

  /** The live token and its whole seconds left. */
  issue(client: ClientOption, now: number): { text: string; seconds: number } {
    const current = this.#current.get(client.id)
    const live = current !== undefined && current.expiresAt > now
    const token = live ? current : this.#make(client, now)
    const left = (token.expiresAt - now) / 1000
    // A new token shows 3599: part of a second is always gone.
    return { text: token.text, seconds: Math.max(0, Math.ceil(left) - 1) }
  }

  check(text: string, now: number): TokenCheck {
    const token = this.#known.get(text)
    if (token === undefined) return { ok: false, code: '601' }
    if (token.expiresAt <= now) return { ok: false, code: '602' }
    return { ok: true, client: token.client }
  }

  /** Ends every live token; its next use answers 602. */
  expireAll(now: number): void {
    for (const token of this.#known.values()) {
      token.expiresAt = Math.min(token.expiresAt, now)
    }
  }

  /** Forgets every token; its next use answers 601. */
  revokeAll(): void {
    this.#known.clear()
    this.#current.clear()
  }

  /** The next token lives this long, and the live one is dropped. */
  shortenNext(milliseconds: number): void {
    this.#shortLife = milliseconds
    this.#current.clear()
  }

  #make(client: ClientOption, now: number): Token {
    this.#issued += 1
    const life = this.#shortLife ?? this.#life
    this.#shortLife = null
    const text = tokenText(`${client.id}:${this.#issued}:${now}`)
    const token = { text, client, expiresAt: now + life }
    this.#current.set(client.id, token)
    this.#known.set(text, token)
    return token
  }
}

/** `uuid:pod`, the form that Marketo's tokens have. */
function tokenText(source: string): string {
  return `${uuidOf(source)}:sj`
}

export function uuidOf(source: string): string {
  const hex = createHash('sha256').update(source).digest('hex')
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}
