import { createHmac } from 'node:crypto'

/** How the environment variable writes the key's bytes. */
export type KeyEncoding = 'text' | 'hex' | 'base64'

/** Fewer bytes can be guessed, and would blot out words in logs. */
export const shortestKey = 16

/** The bytes of a key, or null where the text is not of that encoding. */
export function keyBytes(text: string, encoding: KeyEncoding): Buffer | null {
  if (encoding === 'text') return Buffer.from(text, 'utf8')
  const bytes = Buffer.from(text, encoding)
  const again = bytes.toString(encoding)
  const same =
    encoding === 'hex'
      ? again === text.toLowerCase()
      : again.replace(/=+$/, '') === text.replace(/=+$/, '')
  return same ? bytes : null
}

/**
 * The secret of an HMAC. Its bytes are in no property, so nothing that prints,
 * compares or hashes a pipeline can give them away.
 */
export class HashKey {
  /** Name of the environment variable. */
  readonly name: string
  /** By which SQL calls it; one variable read in two ways is two keys. */
  readonly id: string
  /**
   * Tells two keys apart without telling either: the first bytes of an HMAC
   * of a fixed text. Empty where the variable is not set.
   */
  readonly check: string
  readonly #bytes: Buffer | null
  readonly #text: string

  constructor(name: string, text: string, encoding: KeyEncoding) {
    this.name = name
    this.id = encoding === 'text' ? name : `${name}:${encoding}`
    this.#text = text
    this.#bytes = text === '' ? null : keyBytes(text, encoding)
    this.check = this.sign('key check')?.slice(0, 8) ?? ''
  }

  /** HMAC-SHA-256 in hex, or null where there is no key. */
  sign(text: string): string | null {
    if (this.#bytes === null) return null
    return createHmac('sha256', this.#bytes).update(text, 'utf8').digest('hex')
  }

  /** What a log has to take out of its lines. */
  get secrets(): readonly string[] {
    if (this.#bytes === null) return []
    return [this.#text]
  }
}
