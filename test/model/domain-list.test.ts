import { describe, expect, it } from 'vitest'
import { domainSeeds, suffixSource } from '../../src/model/domain-seed.js'
import { domainNotes } from '../../src/run/domain-note.js'
import type { DomainList } from '../../src/pipeline/domain-list.js'
import { parse, services } from '../pipeline/parse.js'
import { domainStage } from './domain-stage.js'

const list = (
  name: DomainList['list'],
  change: DomainList['change'],
  values: readonly string[],
): DomainList => ({
  list: name,
  change,
  file: `${name}.csv`,
  dated: '2026-11-20',
  values,
})

async function typesOf(emails: readonly string[], own: readonly DomainList[]) {
  const warehouse = await domainStage(
    emails.map((email) => ({ email })),
    undefined,
    own,
  )
  const found = await warehouse.rows<{ type: string }>(
    'select type from lead_address join email_host using (host) order by id',
  )
  const { pipeline } = parse(
    services('d: { type: domain, write: { a: domain } }'),
  )
  const [note = ''] = await domainNotes(warehouse, pipeline)
  await warehouse.close()
  return { types: found.map(({ type }) => type), note }
}

describe('a list of domains', () => {
  it('of every package that is shipped has the date of its version', () => {
    const sources = [
      ...domainSeeds([]).flatMap((seed) => seed.sources),
      suffixSource(),
    ]
    const undated = sources.filter(({ dated }) => dated === null)
    expect(undated).toEqual([])
    expect(sources.length).toBeGreaterThan(5)
  })

  it('can be added to, taken from and replaced, and the run says from when it is', async () => {
    const emails = [
      'a@gmail.com',
      'a@club.example',
      'a@mailinator.com',
      'a@any.throwaway.example',
    ]
    expect((await typesOf(emails, [])).types).toEqual([
      'free',
      'business',
      'disposable',
      'business',
    ])
    const own = await typesOf(emails, [
      list('free', 'add', ['club.example']),
      list('free', 'remove', ['gmail.com']),
      list('disposable', 'replace', ['throwaway.example']),
    ])
    // The list of free providers has Mailinator as well.
    expect(own.types).toEqual(['business', 'free', 'free', 'disposable'])
    expect(own.note).toContain(
      'disposable replace disposable.csv 2026-11-20, free ',
    )
    expect(own.note).toContain('add free.csv 2026-11-20')
    expect(own.note).toMatch(/suffix 20\d\d-\d\d-\d\d\.$/)
  })
})
