/** Who stays, and with which values, in plain words; pure. */
import type {
  ConsentRule,
  Fill,
  ScoreRule,
  Stamp,
  SurviveRule,
  WinnerChoice,
  WinnerCriterion,
  WinnerRule,
} from '../pipeline/pipeline.js'
import { conditionWords, listed, listWords } from './condition-words.js'

const simple: Readonly<Record<string, string>> = {
  crm_contact: 'a CRM contact',
  crm_lead: 'a CRM lead',
  crm_synced: 'one that is synced to the CRM',
  has_account: 'one with an account',
  has_opportunity: 'one with an opportunity',
}

export function winnerWords(rule: WinnerRule): string {
  if (rule.kind === 'score') return scoreWords(rule)
  return criterionWords(rule)
}

function criterionWords(rule: WinnerCriterion): string {
  switch (rule.kind) {
    case 'most_complete':
      return rule.fields.length === 0
        ? 'the most complete'
        : `the most complete in ${listed(rule.fields)}`
    case 'highest':
    case 'lowest':
    case 'newest':
    case 'oldest':
      return `the ${rule.kind} ${rule.field}`
    case 'where':
      return `one where ${conditionWords(rule.where)}`
    case 'list':
      return `one of the ${listWords(rule.list)}`
    case 'crm_contact':
    case 'crm_lead':
    case 'crm_synced':
    case 'has_account':
    case 'has_opportunity':
      return simple[rule.kind] ?? rule.kind
  }
}

function scoreWords({ parts, delta }: ScoreRule): string {
  const points = parts.map(
    (part) => `${part.points} for ${criterionWords(part.rule)}`,
  )
  const tie = delta === 0 ? '' : `; less than ${delta} apart is a tie`
  return `the most points: ${listed(points)}${tie}`
}

const choices: Readonly<Record<WinnerChoice['by'], string>> = {
  in_order: 'a later rule decides where the earlier ones leave a tie',
  first_alone: 'the first rule that one lead alone fulfils best decides',
  all: 'one lead must be the best by every rule',
}

export function choiceWords({ by, otherwise }: WinnerChoice): string {
  const last =
    otherwise === 'review' ? 'a person decides the rest' : 'then the lowest id'
  return `${choices[by]}; ${last}`
}

const survives: Readonly<Record<string, string>> = {
  winner: "the winner's",
  most_recent: 'the most recent',
  oldest: 'the oldest',
  max: 'the highest',
  min: 'the lowest',
  sum: 'the sum',
  union: 'all of them',
  longest: 'the longest',
  earliest: 'the earliest',
  latest: 'the latest',
  most_complete: 'that of the most complete lead',
  most_frequent: 'the most frequent',
  any_true: 'true if it is on any of them',
  all_true: 'true only if it is on all of them',
}

export function surviveWords(rule: SurviveRule | ConsentRule): string {
  if (typeof rule === 'string') return survives[rule] ?? rule
  switch (rule.kind) {
    case 'most_complete':
      return `that of the lead most complete in ${listed(rule.fields)}`
    case 'union':
      return `all of them, separated by "${rule.separator}"`
    case 'fill':
      return fillWords(rule.fill)
    case 'where':
      return `kept where ${conditionWords(rule.where)}, else ${surviveWords(rule.otherwise)}`
    case 'with':
      return `from the lead that ${rule.field} comes from`
    case 'group':
      return `together with ${listed(rule.fields)} from one lead: ${surviveWords(rule.rule)}`
    case 'strictest':
      return `the strictest, of ${listed(rule.values)}`
    case 'newest':
    case 'oldest':
    case 'highest':
    case 'lowest':
      return `that of the lead with the ${rule.kind} ${rule.field}`
  }
}

const fills: Readonly<Record<Fill, string>> = {
  best: "the winner's, else the best other lead's",
  most_recent: "the winner's, else the most recent",
  oldest: "the winner's, else the oldest",
}

export function fillWords(fill: Fill): string {
  return fills[fill]
}

const stamps: Readonly<Record<Stamp, string>> = {
  count: 'how many leads it absorbed',
  ids: 'their ids',
  date: 'when',
  cluster: 'the cluster',
  service: 'this service',
  rule: 'the rule that matched',
}

export function stampWords(stamp: Stamp): string {
  return stamps[stamp]
}
