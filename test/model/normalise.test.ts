import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { phoneE164, registrableDomain } from '../../src/model/function.js'
import { emailHost } from '../../src/model/email-key.js'
import type { Warehouse } from '../../src/warehouse/warehouse.js'
import { memory } from './memory.js'

let warehouse: Warehouse

beforeAll(async () => {
  warehouse = await memory()
})
afterAll(async () => {
  await warehouse.close()
})

describe('a phone number', () => {
  it.each([
    ['070 123 45 67', 'Sweden', '+46701234567'],
    ['+46 70 123 45 67', '', '+46701234567'],
    ['(650)555-1212', 'US', '+16505551212'],
    ['0491 570 006', 'Australia', '+61491570006'],
    ['3865286', 'US', null],
    ['702-919-1300', '', '7029191300'],
    ['n/a', '', null],
  ])('%s in %j is %j', (phone, country, wanted) => {
    expect(phoneE164(phone, country)).toBe(wanted)
  })
})

describe('an email domain', () => {
  it.each([
    ['mail.acme.co.uk', 'acme.co.uk'],
    ['acme.example', 'acme.example'],
    ['localhost', 'localhost'],
  ])('%s is registered as %s', (host, wanted) => {
    expect(registrableDomain(host)).toBe(wanted)
  })

  it.each([
    ['A@Mail.Example.COM ', 'mail.example.com'],
    ['a@b@c.example', null],
    ['a@nowhere', null],
  ])('of %j has host %j', async (email, wanted) => {
    const row = await warehouse.one<{ value: unknown }>(
      `select ${emailHost('email')} as value from (select $1::varchar as email)`,
      [email],
    )
    expect(row.value).toBe(wanted)
  })
})
