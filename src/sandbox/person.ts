import { companyOf, crmId, type Company } from './company.js'
import { asciiOf } from './latin.js'
import { pools, type Pool } from './pool.js'
import { hash32, mix32, Random } from './random.js'

/** A person as they really are; the records are made from this. */
export interface Person {
  readonly number: number
  readonly pool: Pool
  readonly female: boolean
  readonly first: string
  readonly last: string
  /** Latin spelling of the names, lower case. */
  readonly latin: readonly [first: string, last: string]
  readonly company: Company | null
  readonly email: string
  /** A private address of the same person. */
  readonly privateEmail: string
  /** info@ and the like, shared with colleagues or the family. */
  readonly shared: boolean
  /** International number, `+` and digits. */
  readonly phone: string
  readonly address: string
  readonly city: string
  readonly state: string
  readonly postalCode: string
  readonly birthday: string
  readonly title: string
  readonly crm: 'none' | 'lead' | 'contact'
  readonly accountId: string
}

/** People come in blocks: a company, a household, or neighbours. */
const blockSize = 8

type BlockKind = 'company' | 'household' | 'loose'

interface Block {
  readonly number: number
  readonly kind: BlockKind
  readonly pool: Pool
  readonly family: number
  readonly seed: number
}

interface Name {
  readonly pool: Pool
  readonly female: boolean
  readonly first: string
  readonly last: string
  readonly latin: readonly [string, string]
}

const wheel: Pool[] = []

function anyPool(random: Random): Pool {
  if (wheel.length === 0) {
    for (const pool of pools()) {
      for (let i = 0; i < pool.culture.weight; i++) wheel.push(pool)
    }
  }
  return random.pick(wheel)
}

function blockOf(seed: number, number: number): Block {
  const blockSeed = mix32(seed * 7_368_787 + number * 2 + 1)
  const random = new Random(blockSeed)
  const draw = random.next()
  const kind = draw < 0.8 ? 'company' : draw < 0.9 ? 'household' : 'loose'
  const pool = anyPool(random)
  const family = kind === 'household' ? 2 + random.below(3) : 0
  return { number, kind, pool, family, seed: blockSeed }
}

function nameOf(block: Block, seed: number, number: number): Name {
  const random = new Random(mix32(seed * 15_485_863 + number * 2))
  const isLocal = block.kind !== 'loose' && random.chance(0.88)
  const isFamily = number % blockSize < block.family
  const pool = isLocal || isFamily ? block.pool : anyPool(random)
  const female = random.chance(0.5)
  const side = female ? 1 : 0
  const own = random.pick(pool.last[side])
  const first = random.pick(pool.first[side])
  const last = isFamily ? familyName(block, side) : own
  return { pool, female, first, last, latin: latinOf(pool, first, last) }
}

function familyName(block: Block, side: 0 | 1): string {
  const names = block.pool.last[side]
  return names[block.seed % names.length] ?? ''
}

function latinOf(pool: Pool, first: string, last: string): [string, string] {
  const { roman } = pool.culture
  if (roman === undefined) {
    return [latinName(first), latinName(last)]
  }
  return [romanOf(roman.first, first), romanOf(roman.last, last)]
}

const latinNames = new Map<string, string>()

/** Remembered: the same few thousand names come again and again. */
function latinName(name: string): string {
  const known = latinNames.get(name)
  if (known !== undefined) return known
  const latin = asciiOf(name) || 'x'
  latinNames.set(name, latin)
  return latin
}

/** Scripts without letters: always the same spelling for the same name. */
function romanOf(list: string, name: string): string {
  const names = list.split(' ')
  return names[hash32(name) % names.length] ?? 'x'
}

export function personOf(seed: number, number: number): Person {
  const block = blockOf(seed, Math.floor(number / blockSize))
  const name = nameOf(block, seed, number)
  const random = new Random(mix32(seed * 32_452_843 + number * 2 + 1))
  const inCompany =
    block.kind === 'company' || (block.kind === 'loose' && random.chance(0.3))
  const company = inCompany ? employer(block, number) : null
  const inFamily = number % blockSize < block.family
  // A family's home is drawn from the block, so its members agree on it.
  const home = inFamily ? new Random(block.seed + 1) : random
  const place = placeOf(inFamily ? block.pool : name.pool, home, company)
  const mail = emailsOf(block, seed, number, name, company, random)
  return {
    number,
    ...name,
    company,
    ...mail,
    ...place,
    birthday: birthdayOf(random),
    title: titleOf(name.pool, random),
    crm: crmOf(random),
    accountId: company?.accountId ?? crmId('001', 50_000_000 + number),
  }
}

/** The block's company, or for the loose one of a few that all know. */
function employer(block: Block, number: number): Company {
  if (block.kind === 'company') {
    return companyOf(block.number + 12, block.pool, new Random(block.seed + 2))
  }
  const giant = number % 12
  const [pool] = pools()
  if (pool === undefined) throw new RangeError('No pools')
  return companyOf(giant, pool, new Random(giant + 1))
}

const mailboxes = ['info', 'sales', 'office', 'contact']

function emailsOf(
  block: Block,
  seed: number,
  number: number,
  name: Name,
  company: Company | null,
  random: Random,
): Pick<Person, 'email' | 'privateEmail' | 'shared'> {
  const { culture } = name.pool
  const [first, last] = name.latin
  const free = random.pick(culture.freeDomains)
  const privateEmail = `${first}${random.pick(['.', '_', ''])}${last}${number}@${free}`
  const draw = random.next()
  if (block.family > 0 && number % blockSize < block.family && draw < 0.25) {
    const [, family] = latinOf(block.pool, '', familyName(block, 0))
    const email = `family.${family}${block.number}@gmail.com`
    return { email, privateEmail, shared: true }
  }
  if (company === null) {
    return {
      email: rareDomain(privateEmail, draw),
      privateEmail,
      shared: false,
    }
  }
  // In some small firms everybody uses the one mailbox.
  if (draw < (block.seed % 7 === 0 ? 0.35 : 0.03)) {
    const box = mailboxes[block.seed % mailboxes.length] ?? 'info'
    return { email: `${box}@${company.domain}`, privateEmail, shared: true }
  }
  const local =
    block.kind === 'company'
      ? workLocal(block, seed, number, name)
      : `${first}.${last}${number}`
  return { email: `${local}@${company.domain}`, privateEmail, shared: false }
}

/** The few that use a throw-away, relay, school or state address. */
function rareDomain(email: string, draw: number): string {
  const domains = [
    'mailinator.com',
    'yopmail.com',
    'guerrillamail.com',
    'privaterelay.appleid.com',
    'duck.com',
    'stanford.edu',
    'cam.ac.uk',
    'state.gov',
  ]
  const index = Math.floor((draw - 0.3) * 100)
  const domain = index < 0 ? undefined : domains[index]
  return domain === undefined ? email : `${email.split('@')[0]}@${domain}`
}

/** Two colleagues never have the same address: the later gets a number. */
function workLocal(
  block: Block,
  seed: number,
  number: number,
  name: Name,
): string {
  const style = block.seed % 4
  const own = localOf(style, name.latin)
  const start = block.number * blockSize
  for (let other = start; other < number; other++) {
    const { latin } = nameOf(block, seed, other)
    if (localOf(style, latin) === own) return `${own}${number - start + 1}`
  }
  return own
}

function localOf(style: number, [first, last]: readonly [string, string]) {
  if (style === 0) return `${first.charAt(0)}.${last}`
  if (style === 1) return `${first}${last.charAt(0)}`
  return style === 2 ? `${first}_${last}` : `${first}.${last}`
}

function placeOf(
  pool: Pool,
  random: Random,
  company: Company | null,
): Pick<Person, 'phone' | 'address' | 'city' | 'state' | 'postalCode'> {
  const { culture } = pool
  const street = random.pick(pool.streets)
  const number = 1 + random.below(180)
  return {
    phone: digits(culture.mobile, random),
    address: culture.numberFirst
      ? `${number} ${street}`
      : `${street} ${number}`,
    city: company?.city ?? random.pick(pool.cities),
    state: random.pick(pool.states),
    postalCode: digits(culture.postal, random),
  }
}

/** A pattern in which `#` and `!` become digits and `A` a letter. */
function digits(pattern: string, random: Random): string {
  let text = ''
  for (const sign of pattern) {
    if (sign === '#') text += random.below(10)
    else if (sign === '!') text += 2 + random.below(8)
    else if (sign === 'A') text += String.fromCharCode(65 + random.below(26))
    else text += sign
  }
  return text
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}

function birthdayOf(random: Random): string {
  const year = 1950 + random.below(55)
  return `${year}-${two(1 + random.below(12))}-${two(1 + random.below(28))}`
}

function titleOf(pool: Pool, random: Random): string {
  const [descriptors, areas, types] = pool.jobs
  if (pool.culture.nounFirst)
    return `${random.pick(types)} ${random.pick(areas)}`
  if (random.chance(0.4)) return `${random.pick(areas)} ${random.pick(types)}`
  return `${random.pick(descriptors)} ${random.pick(areas)} ${random.pick(types)}`
}

function crmOf(random: Random): Person['crm'] {
  const draw = random.next()
  return draw < 0.7 ? 'none' : draw < 0.85 ? 'lead' : 'contact'
}
