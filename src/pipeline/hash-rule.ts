/** A hash rule: its defaults, its key, and what cannot hold together. */
import { HashKey, keyBytes, shortestKey } from './hash-key.js'
import { isHashInput, isPlatform } from './hash-profile.js'
import { latestVersion, profileFacts } from './hash-profile.js'
import type { HashProfile, HashRule } from './hash.js'
import type { Path } from './problem.js'
import { type Environment, hasReference, resolve } from './reference.js'
import type { Finding } from './sentence.js'
import type { ServiceForm } from './service.js'

export type HashForm = Extract<ServiceForm, { type: 'hash' }>['write'][string]

export function hashRule(form: HashForm, env: Environment): HashRule {
  const profile = form.profile ?? 'none'
  const { tag = 'keep', dots = 'keep', plus = 'keep' } = form
  return {
    input: form.input ?? 'email',
    algorithm: form.algorithm ?? 'sha256',
    profile,
    version: form.version ?? latestVersion(profile),
    encoding: form.encoding ?? (profile === 'uid2' ? 'base64' : 'hex'),
    key: form.key === undefined ? null : hashKey(form, form.key, env),
    tiktok: { tag, dots, plus },
  }
}

/** A variable that is not set makes a key that signs nothing. */
function hashKey(form: HashForm, text: string, env: Environment): HashKey {
  const encoding = form.key_encoding ?? 'text'
  return new HashKey(keyName(text), resolve(text, env), encoding)
}

/** `${ACME_HASH_KEY}` without its signs; the check lets nothing else pass. */
function keyName(text: string): string {
  return /^\s*\$\{(\w+)\}\s*$/.exec(text)?.[1] ?? ''
}

/** Every way in which a well-formed rule makes no sense. */
export function hashFindings(form: HashForm, path: Path): Finding[] {
  const profile = form.profile ?? 'none'
  return [
    ...platformFindings(form, profile, path),
    ...inputFindings(form, profile, path),
    ...keyFindings(form, path),
    ...optionFindings(form, profile, path),
  ]
}

function found(path: Path, key: string, message: string): Finding {
  return { path: [...path, key], part: 'value', message }
}

/** A platform matches only what it says it hashes (its own docs). */
function platformFindings(
  form: HashForm,
  profile: HashProfile,
  path: Path,
): Finding[] {
  if (!isPlatform(profile)) return []
  const { encodings } = profileFacts[profile]
  const matches = `${profile} matches nothing else.`
  return [
    ...((form.algorithm ?? 'sha256') === 'sha256'
      ? []
      : [found(path, 'algorithm', `must be sha256; ${matches}`)]),
    ...(form.encoding === undefined || encodings.includes(form.encoding)
      ? []
      : [
          found(
            path,
            'encoding',
            `must be ${encodings.join(' or ')}; ${matches}`,
          ),
        ]),
  ]
}

function inputFindings(
  { input = 'email', version }: HashForm,
  profile: HashProfile,
  path: Path,
): Finding[] {
  const { inputs, versions } = profileFacts[profile]
  const isKnown = isHashInput(input)
    ? inputs.includes(input)
    : !isPlatform(profile)
  const wrongInput = isKnown
    ? []
    : [
        found(
          path,
          'input',
          `must be one of ${inputs.join(', ')}; ${profile} takes nothing else hashed.`,
        ),
      ]
  if (version === undefined || versions.includes(version)) return wrongInput
  const message = `must be ${versions.join(' or ')}; ${profile} has no other version.`
  return [...wrongInput, found(path, 'version', message)]
}

function keyFindings(form: HashForm, path: Path): Finding[] {
  const isHmac = form.algorithm === 'hmac-sha256'
  if (isHmac && form.key === undefined) {
    const message =
      'needs a key beside it, such as key: ${ACME_HASH_KEY} with the name of an environment variable.'
    return [found(path, 'algorithm', message)]
  }
  if (!isHmac && form.key !== undefined) {
    const message = 'is for algorithm: hmac-sha256 only; leave it out.'
    return [{ path: [...path, 'key'], part: 'key', message }]
  }
  if (form.key_encoding !== undefined && form.key === undefined) {
    const message = 'says how a key is written, and there is none.'
    return [{ path: [...path, 'key_encoding'], part: 'key', message }]
  }
  if (form.key === undefined || keyName(form.key) !== '') return []
  // A key that is written out is said elsewhere.
  if (!hasReference(form.key)) return []
  return [
    found(
      path,
      'key',
      'must be one reference to an environment variable and nothing else, such as ${ACME_HASH_KEY}.',
    ),
  ]
}

function optionFindings(
  form: HashForm,
  profile: HashProfile,
  path: Path,
): Finding[] {
  if (profile === 'tiktok') return []
  return (['tag', 'dots', 'plus'] as const)
    .filter((option) => form[option] !== undefined)
    .map((option) => ({
      path: [...path, option],
      part: 'key',
      message: 'is for profile: tiktok only; leave it out.',
    }))
}

/** What is wrong with the value of a key; never says the value. */
export function secretFindings(
  form: HashForm,
  path: Path,
  env: Environment,
): Finding[] {
  if (form.key === undefined) return []
  const text = resolve(form.key, env)
  // An empty one is a missing variable, which is said elsewhere.
  if (text === '') return []
  const encoding = form.key_encoding ?? 'text'
  const bytes = keyBytes(text, encoding)
  if (bytes === null) {
    return [found(path, 'key', `is set to a value that is not ${encoding}.`)]
  }
  if (bytes.length >= shortestKey) return []
  const message = `is set to ${bytes.length} bytes; a key needs at least ${shortestKey}.`
  return [found(path, 'key', message)]
}
