/**
 * What each profile hashes, as its platform documents it. A version is a way
 * of normalising; an old one stays, so that values need not change at once.
 * Sources: UID2 docs (gs-normalization-encoding), Google Data Manager API
 * (formatting), Meta Conversions API (customer information parameters),
 * TikTok (customer file), Adobe's LinkedIn connector.
 */
import type { HashProfile } from './hash.js'

/** Words for what is hashed; anything else is a Marketo field. */
export const hashInputs = [
  'email',
  'phone',
  'mobile_phone',
  'first_name',
  'last_name',
  'date_of_birth',
] as const

export type HashInput = (typeof hashInputs)[number]

export function isHashInput(word: string): word is HashInput {
  return hashInputs.some((input) => input === word)
}

export interface ProfileFacts {
  readonly inputs: readonly HashInput[]
  readonly encodings: readonly ('hex' | 'base64')[]
  /** Oldest first; the last one is what a rule gets that names none. */
  readonly versions: readonly number[]
}

const phones = ['phone', 'mobile_phone'] as const
const names = ['first_name', 'last_name'] as const

export const profileFacts: Readonly<Record<HashProfile, ProfileFacts>> = {
  none: { inputs: hashInputs, encodings: ['hex', 'base64'], versions: [1] },
  plain: { inputs: hashInputs, encodings: ['hex', 'base64'], versions: [1] },
  /**
   * 1: Gmail without dots. 2: and without what follows a plus, which the
   * page says since it moved to devguides/concepts/formatting.
   */
  google: {
    inputs: ['email', ...phones, ...names],
    encodings: ['hex', 'base64'],
    versions: [1, 2],
  },
  meta: {
    inputs: ['email', ...phones, ...names, 'date_of_birth'],
    encodings: ['hex'],
    versions: [1],
  },
  tiktok: { inputs: ['email', ...phones], encodings: ['hex'], versions: [1] },
  linkedin: { inputs: ['email'], encodings: ['hex'], versions: [1] },
  uid2: { inputs: ['email', ...phones], encodings: ['base64'], versions: [1] },
}

/** A platform's own, and not ours. */
export function isPlatform(profile: HashProfile): boolean {
  return profile !== 'none' && profile !== 'plain'
}

export function latestVersion(profile: HashProfile): number {
  return profileFacts[profile].versions.at(-1) ?? 1
}
