import type { Finding } from './sentence.js'
import type { Path } from './problem.js'
import type { SourceDocument } from './document.js'

export type Environment = Readonly<Record<string, string | undefined>>

const reference = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g

const hashKeyPlace = 'services.write.key'

/** What belongs in each place that may refer to the environment. */
const places: Readonly<Record<string, string>> = {
  'marketo.endpoint':
    'the REST endpoint of the instance, such as https://123-ABC-456.mktorest.com',
  'marketo.client_id': "the client id of the instance's API service",
  'marketo.client_secret': "the client secret of the instance's API service",
  'alert.slack': 'the webhook of the Slack channel',
  'alert.webhook': 'the address that takes the message',
  'alert.email.smtp':
    'the mail server, such as smtps://user:password@mail.acme.example:465',
  'alert.email.to': 'the address of who gets the message',
  'alert.email.from': 'the address that the message comes from',
  [hashKeyPlace]: 'the key of the HMAC, at least 16 bytes',
}

/** Those of them that are secret, so that a value must not stand there. */
const secretPlaces = [
  'marketo.client_id',
  'marketo.client_secret',
  'alert.slack',
  'alert.webhook',
  'alert.email.smtp',
  hashKeyPlace,
]

/** Addresses: what stands around the reference is no secret. */
const addresses = ['alert.slack', 'alert.webhook', 'alert.email.smtp']

/** The password of an address, written out. */
const password = /:\/\/[^/@]*:[^/@]*[^/@\s}][^/@]*@/

/** Literal letters and digits beside a reference that are surely no secret. */
const literalAllowed = 8

/** Services and their fields have names of their own. */
function placeOf(path: Path): string {
  if (path[0] === 'services' && path[2] === 'write' && path[4] === 'key') {
    return path.length === 5 ? hashKeyPlace : ''
  }
  return path.filter((part) => typeof part !== 'number').join('.')
}

/** Replaces every `${NAME}`; a missing variable becomes empty. */
export function resolve(text: string, env: Environment): string {
  return text
    .replace(reference, (_, name: string) => variable(env, name)?.trim() ?? '')
    .trim()
}

function variable(env: Environment, name: string): string | undefined {
  return Object.hasOwn(env, name) ? env[name] : undefined
}

export function hasReference(text: string): boolean {
  return text.search(reference) >= 0
}

/** A variable that a file refers to. */
export interface Variable {
  readonly name: string
  /** `marketo.client_id`, `alert.slack`, … */
  readonly place: string
  /** What its value is, in words. */
  readonly purpose: string
}

/** In the order of the file; a variable of several places comes for each. */
export function variablesOf(document: SourceDocument): Variable[] {
  return document.strings().flatMap(({ path, part, text }) => {
    const place = part === 'value' ? placeOf(path) : ''
    const purpose = places[place]
    if (purpose === undefined) return []
    return [...text.matchAll(reference)].map(([, name = '']) => ({
      name,
      place,
      purpose,
    }))
  })
}

/** References where none may stand, secrets written out, missing variables. */
export function referenceFindings(
  document: SourceDocument,
  env: Environment,
  secrets: 'required' | 'ignored',
): Finding[] {
  return document.strings().flatMap(({ path, part, text }) => {
    const place = part === 'value' ? placeOf(path) : ''
    const purpose = places[place]
    const messages =
      purpose === undefined
        ? misplaced(text)
        : [
            ...literalSecret(place, text),
            ...(secrets === 'required' ? missing(text, purpose, env) : []),
          ]
    return messages.map((message) => ({ path, part, message }))
  })
}

function misplaced(text: string): string[] {
  return hasReference(text)
    ? [
        'refers to the environment; only marketo.endpoint, client_id, client_secret, hash keys and alert urls can.',
      ]
    : []
}

function literalSecret(place: string, text: string): string[] {
  if (!secretPlaces.includes(place)) return []
  const literal = text.replace(reference, '').replace(/[^A-Za-z0-9]/g, '')
  const isSafe = addresses.includes(place)
    ? !password.test(text.replace(reference, '}'))
    : literal.length <= literalAllowed
  if (hasReference(text) && isSafe) return []
  return [
    'is written out; put it in an environment variable and write ${NAME_OF_THE_VARIABLE} here.',
  ]
}

function missing(text: string, purpose: string, env: Environment): string[] {
  return [...text.matchAll(reference)].flatMap(([, name = '']) => {
    const value = variable(env, name)
    if (value !== undefined && value.trim() !== '') return []
    const state = value === undefined ? 'not set' : 'empty'
    return [
      `needs the environment variable ${name}, which is ${state}; set it to ${purpose}.`,
    ]
  })
}
