/** What a service does, for somebody who does not read YAML; pure. */
import type {
  DedupeService,
  DomainService,
  DomainValue,
  EnrichService,
  HashService,
  Service,
} from '../pipeline/pipeline.js'
import { keyWords, listWords } from './condition-words.js'
import {
  choiceWords,
  fillWords,
  stampWords,
  surviveWords,
  winnerWords,
} from './keep-words.js'
import { autoWords, matchWords, neverWords } from './match-words.js'

export interface ServiceWords {
  readonly name: string
  /** Empty where the name says it. */
  readonly type: string
  /** One sentence. */
  readonly does: string
  /** What else there is to say, each with its lines. */
  readonly parts: readonly {
    readonly title: string
    readonly lines: readonly string[]
  }[]
}

export function serviceWords(service: Service): ServiceWords {
  const { name } = service
  // A service that is called after its type is said once.
  const type = service.type === name ? '' : service.type
  const said = { name, type, does: doesWords(service) }
  const parts = partsOf(service).filter(({ lines }) => lines.length > 0)
  return { ...said, parts }
}

function doesWords(service: Service): string {
  const where = listWords(service.list)
  switch (service.type) {
    case 'dedupe':
      return `Finds ${where} that are one person, and merges them.`
    case 'hash':
      return `Writes hashes of what identifies a person, on ${where}.`
    case 'domain':
      return `Says what kind of domain an email address has, on ${where}.`
    case 'enrich':
      return `Fills fields from the model ${service.model}, on ${where}.`
  }
}

function partsOf(service: Service): ServiceWords['parts'] {
  switch (service.type) {
    case 'dedupe':
      return dedupeParts(service)
    case 'hash':
      return [{ title: 'Writes', lines: hashLines(service) }]
    case 'domain':
      return [{ title: 'Writes', lines: domainLines(service) }]
    case 'enrich':
      return [{ title: 'Writes', lines: enrichLines(service) }]
  }
}

function dedupeParts(service: DedupeService): ServiceWords['parts'] {
  const { match, auto, never, winner, survive, consent, stamp } = service
  return [
    {
      title: 'Two leads are one person with',
      lines: [...match.map(matchWords), ...(auto ? autoWords(auto) : [])],
    },
    { title: 'But', lines: never.map(neverWords) },
    {
      title: 'Who stays',
      lines: [...winner.map(winnerWords), choiceWords(service.winnerChoice)],
    },
    {
      title: 'Which values stay',
      lines: [
        ...survive.map(({ field, rule }) => `${field}: ${surviveWords(rule)}`),
        `other fields: ${fillWords(service.fill)}`,
      ],
    },
    {
      title: 'What people consented to',
      lines: consent.map(
        ({ field, rule }) => `${field}: ${surviveWords(rule)}`,
      ),
    },
    {
      title: 'Noted on who stays',
      lines: stamp.map(({ field, rule }) => `${field}: ${stampWords(rule)}`),
    },
    {
      title: 'The CRM',
      lines: [
        service.crmMerge
          ? 'is told to merge its records too'
          : 'merges nothing; people with several live CRM records wait for a person',
      ],
    },
  ]
}

function hashLines({ write }: HashService): string[] {
  return write.map(({ field, rule }) => {
    const { algorithm, input, profile, encoding } = rule
    const how = profile === 'none' ? 'as it is' : `normalised for ${profile}`
    return `${field}: ${algorithm} of ${keyWords(input)}, ${how}, in ${encoding}`
  })
}

const domainWords: Readonly<Record<DomainValue, string>> = {
  host: 'what follows the @',
  domain: 'the registrable domain',
  unicode: 'the domain as people write it',
  type: 'its kind: free, disposable, role, relay, education, government or business',
  suggestion: 'what was probably meant, where it looks mistyped',
  problem: 'what is wrong with the address',
  company: 'the company that most leads of the domain name',
}

function domainLines({ write }: DomainService): string[] {
  return write.map(({ field, rule }) => `${field}: ${domainWords[rule]}`)
}

function enrichLines({ write }: EnrichService): string[] {
  return write.map(({ field, rule }) => `${field}: the column ${rule}`)
}
