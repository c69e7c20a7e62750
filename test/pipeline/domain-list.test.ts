import {
  mkdirSync,
  mkdtempSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PipelineError } from '../../src/error.js'
import { loadPipeline } from '../../src/pipeline/load.js'
import { mistakes, services } from './parse.js'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lists-'))
  mkdirSync(join(folder, 'pipelines/lists'), { recursive: true })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const service = (lists: string) =>
  services(`d: { type: domain, write: { a: domain }, lists: { ${lists} } }`)

async function load(lists: string, files: Record<string, string>) {
  const file = join(folder, 'pipelines/acme.yml')
  writeFileSync(file, service(lists))
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, 'pipelines/lists', name)
    writeFileSync(path, text)
    utimesSync(path, 1_763_640_000, 1_763_640_000)
  }
  const options = { secrets: 'required', base: folder } as const
  return await loadPipeline(file, {}, options)
}

async function refusal(lists: string, files: Record<string, string>) {
  const error: unknown = await load(lists, files).catch(
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof PipelineError)) throw new Error('nothing was refused')
  return [error.exit, error.message]
}

describe('a list of domains in a file', () => {
  it('is read with or without a header, in one spelling, each domain once', async () => {
    const { domainLists } = await load(
      'free: { add: lists/free.csv }, role: { replace: lists/role.csv }',
      {
        'free.csv':
          '\ufeffDomain,note\r\nClub.example,x\r\n\r\nBÜCHER.example\r\nclub.example\r\n',
        'role.csv': 'Desk\nfront-desk\n',
      },
    )
    expect(domainLists).toEqual([
      {
        list: 'free',
        change: 'add',
        file: 'lists/free.csv',
        dated: '2025-11-20',
        values: ['club.example', 'xn--bcher-kva.example'],
      },
      {
        list: 'role',
        change: 'replace',
        file: 'lists/role.csv',
        dated: '2025-11-20',
        values: ['desk', 'front-desk'],
      },
    ])
  })

  it('is refused with the place of every line that is none', async () => {
    const files = {
      'free.csv': 'domain\nok.example\nnot a domain\n@x.example\n"open',
    }
    expect(await refusal('free: { add: lists/free.csv }', files)).toEqual([
      3,
      [
        'pipelines/lists/free.csv:5:1  has a quote without its end.',
        'pipelines/lists/free.csv:3:1  "not a domain" is not a domain, such as example.com.',
        'pipelines/lists/free.csv:4:1  "@x.example" is not a domain, such as example.com.',
        'pipelines/lists/free.csv:5:1  "open" is not a domain, such as example.com.',
      ].join('\n'),
    ])
  })

  it('is refused where it is empty or not there', async () => {
    const lists = 'free: { add: lists/free.csv, remove: lists/gone.csv }'
    const [, message] = await refusal(lists, { 'free.csv': 'domain\n' })
    expect(message).toBe(
      [
        'pipelines/lists/free.csv:1:1  the list is empty.',
        'pipelines/acme.yml:3:90  services.d.lists.free.remove names the file pipelines/lists/gone.csv, which is not there.',
      ].join('\n'),
    )
  })

  it('cannot be added to and replaced at once, nor by two services', () => {
    expect(mistakes(service('free: { add: a.csv, replace: b.csv }'))).toEqual([
      expect.stringContaining(
        'must have add or remove or both, or replace alone.',
      ),
    ])
    expect(mistakes(service('fre: { add: a.csv }'))).toEqual([
      expect.stringContaining('Did you mean "free"?'),
    ])
    const text = services(
      'a: { type: domain, write: { a: host }, private_suffixes: false }',
      'b: { type: domain, write: { b: host }, private_suffixes: true }',
    )
    expect(mistakes(text)).toEqual([
      '4:42  services.b.private_suffixes is for all domain services, and services.a has it already; leave it out here.',
    ])
  })
})
