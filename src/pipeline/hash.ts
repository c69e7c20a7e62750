import type { HashKey } from './hash-key.js'

export type HashProfile =
  /** The field's text, exactly as it is. */
  | 'none'
  /** Trimmed and in lower case; phones in E.164, dates as 2000-12-31. */
  | 'plain'
  | 'google'
  | 'meta'
  | 'tiktok'
  | 'linkedin'
  | 'uid2'

export type HashAlgorithm = 'md5' | 'sha1' | 'sha256' | 'hmac-sha256'

export interface HashRule {
  /** One of hash-profile.ts, or a Marketo field. */
  readonly input: string
  readonly algorithm: HashAlgorithm
  readonly profile: HashProfile
  /** Of the profile's way of normalising. */
  readonly version: number
  readonly encoding: 'hex' | 'base64'
  /** For an HMAC only. */
  readonly key: HashKey | null
  /** What TikTok's pages disagree about. */
  readonly tiktok: TikTokChoice
}

export interface TikTokChoice {
  /** What follows a plus before the @, and dots there. */
  readonly tag: 'keep' | 'remove'
  readonly dots: 'keep' | 'remove'
  /** The + of a phone number. */
  readonly plus: 'keep' | 'remove'
}
