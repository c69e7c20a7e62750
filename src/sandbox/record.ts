import { crmId } from './company.js'
import { corrupt, phoneVariant, type Draft } from './corruption.js'
import { brokenEmails, dirtyTexts, hostileTexts } from './hostile.js'
import type { Person } from './person.js'
import type { Random } from './random.js'

export interface RecordOptions {
  /** Which record of the person, from 0. */
  readonly ordinal: number
  /** How many the person has. */
  readonly records: number
  /** Also bytes that break parsers: NUL, bare CR, escapes. */
  readonly dirt: boolean
}

/** What one record of a person says; empty fields are absent. */
export function recordOf(
  person: Person,
  options: RecordOptions,
  random: Random,
): Draft {
  const draft = cleanDraft(person, random)
  if (options.ordinal > 0) corrupt(draft, person, random)
  else forget(draft, random)
  addCrm(draft, person, options, random)
  addConsent(draft, person, options, random)
  addTrouble(draft, options, random)
  const values: Draft = {}
  for (const field in draft) {
    const value = draft[field] ?? null
    if (value !== null && value !== '') values[field] = value
  }
  return values
}

const sources = [
  'Website',
  'Webinar',
  'Trade Show',
  'List import',
  'Partner',
  'Advertisement',
  'Employee Referral',
]

function cleanDraft(person: Person, random: Random): Draft {
  const { company, pool } = person
  const hasPhone = random.chance(0.75)
  return {
    email: person.email,
    salutation: random.chance(0.3) ? (person.female ? 'Ms.' : 'Mr.') : null,
    firstName: person.first,
    lastName: person.last,
    title: company === null ? null : person.title,
    phone: hasPhone ? person.phone : null,
    mobilePhone: random.chance(0.15) ? phoneVariant(person, random) : null,
    company: company?.name ?? null,
    industry: company?.industry ?? null,
    website: company === null ? null : `https://www.${company.domain}`,
    numberOfEmployees: company?.employees ?? null,
    address: random.chance(0.6) ? person.address : null,
    city: person.city,
    state: random.chance(0.4) ? person.state : null,
    postalCode: random.chance(0.6) ? person.postalCode : null,
    country: pool.culture.country,
    dateOfBirth: random.chance(0.25) ? person.birthday : null,
    preferredLanguage: random.chance(0.5) ? pool.culture.language : null,
    leadScore: Math.floor(random.next() ** 3 * 150),
    leadSource: random.pick(sources),
    leadStatus: random.chance(0.5) ? 'Open' : null,
  }
}

/** What first records lack anyway. */
function forget(draft: Draft, random: Random): void {
  for (const field of ['title', 'phone', 'city', 'country', 'industry']) {
    if (random.chance(0.1)) draft[field] = null
  }
  if (random.chance(0.03)) draft['email'] = null
}

/**
 * CRM records: the first one of a person in the CRM, and now and then a
 * second of the other type, so that CRM pairs exist.
 */
function addCrm(
  draft: Draft,
  person: Person,
  { ordinal }: RecordOptions,
  random: Random,
): void {
  draft['personType'] = 'contact'
  draft['isLead'] = true
  if (person.crm === 'none') return
  if (ordinal > 0 && !random.chance(0.2)) return
  const swap = ordinal > 0 && random.chance(0.5)
  const isContact = (person.crm === 'contact') !== swap
  const number = person.number * 8 + ordinal
  draft['sfdcType'] = isContact ? 'Contact' : 'Lead'
  if (isContact) draft['sfdcContactId'] = crmId('003', number)
  else draft['sfdcLeadId'] = crmId('00Q', number)
  if (isContact) draft['sfdcAccountId'] = person.accountId
  draft['sfdcLeadOwnerId'] = crmId('005', person.number % 40)
  draft['sfdcIsDeleted'] = random.chance(0.03)
}

/**
 * Opt-outs and bounces. Of a person who opted out, one record says so; the
 * others know nothing of it.
 */
function addConsent(
  draft: Draft,
  person: Person,
  { ordinal, records }: RecordOptions,
  random: Random,
): void {
  const out = (person.number * 2_654_435_761) % 100
  const said = person.number % records === ordinal
  draft['unsubscribed'] = (said && out < 12) || random.chance(0.01)
  draft['unsubscribedReason'] =
    draft['unsubscribed'] && random.chance(0.5) ? 'Too many e-mails' : null
  draft['emailInvalid'] = random.chance(0.03)
  draft['emailInvalidCause'] = draft['emailInvalid']
    ? '550 5.1.1 User unknown'
    : null
  draft['emailSuspended'] = random.chance(0.01)
  draft['marketingSuspended'] = said && out === 20
  draft['blackListed'] = said && out === 21
  draft['doNotCall'] = (said && out >= 20 && out < 24) || random.chance(0.005)
}

const textFields = ['company', 'title', 'address', 'city', 'lastName']

/** Hostile texts, broken addresses, people called Null, empty visitors. */
function addTrouble(
  draft: Draft,
  { ordinal, dirt }: RecordOptions,
  random: Random,
): void {
  const draw = random.next()
  if (draw < 0.01) {
    const texts = dirt ? [...hostileTexts, ...dirtyTexts] : hostileTexts
    draft[random.pick(textFields)] = random.pick(texts)
  } else if (draw < 0.013) {
    draft['email'] = random.pick(brokenEmails)
  } else if (draw < 0.0135) {
    draft['lastName'] = random.pick(['Null', 'null', 'NULL'])
  } else if (draw < 0.0138) {
    draft['unsubscribedReason'] = 'Äußerst lang. '.repeat(1800)
  } else if (draw < 0.0141) {
    draft['company'] = 'Very Long Company Name '.repeat(12).slice(0, 255)
  } else if (draw < 0.0146 && ordinal === 0) {
    for (const field of Object.keys(draft)) {
      if (typeof draft[field] === 'string') draft[field] = null
    }
    draft['isAnonymous'] = true
  }
  // Columns of whole numbers have been seen with fractions.
  if (dirt && random.chance(0.005)) draft['leadScore'] = 12.5
}
