import { expect, it } from 'vitest'
import { PipelineError } from '../../src/error.js'
import { refuseWriteFaults } from '../../src/load/write-fault.js'
import { base, type BaseLead } from '../model/base.js'
import { parse } from '../pipeline/parse.js'

const pipeline = `marketo: sandbox
services:
  twin:
    type: dedupe
    match: [{ same: [email] }]
    stamp: { twins: count, twinIds: ids, twinDay: date, cluster: cluster }
  hash:
    type: hash
    write: { emailHash: { profile: google }, shortHash: { algorithm: md5 } }
  domain:
    type: domain
    write: { host: host, isHost: domain }
load: { guardrails: { cluster_size: 10 } }
`

const empty = {
  twins: null,
  twinIds: null,
  twinDay: null,
  cluster: null,
  emailHash: null,
  shortHash: null,
  host: null,
  isHost: null,
}

const lead = (id: number, email: string): BaseLead => ({
  id: String(id),
  email,
  ...empty,
})

const leads = [
  ...[1, 2, 3, 4, 5].map((id) => lead(1000 + id, 'ana@acme.example')),
  lead(2001, 'bo@acme.example'),
  lead(2002, 'cy@very-long-name.example'),
]

async function said(
  types: Record<string, string>,
  lengths: Record<string, number>,
): Promise<readonly string[]> {
  const warehouse = await base({ pipeline, leads, types, lengths })
  try {
    const notes = await refuseWriteFaults(warehouse, parse(pipeline))
    expect(notes).toEqual([])
    return []
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error
    expect(error).toMatchObject({ code: 'write_fault', exit: 3 })
    expect(error.message).not.toMatch(/ana|cy@|long-name/)
    return error.message.split('\n')
  } finally {
    await warehouse.close()
  }
}

const types = { twins: 'integer', twinDay: 'datetime' }

it('lets every service write what its fields hold', async () => {
  expect(await said(types, {})).toEqual([])
})

it('refuses the hashes, domains and stamps that do not fit, each with its line', async () => {
  const lines = await said(
    { ...types, twins: 'boolean', isHost: 'integer' },
    { emailHash: 40, shortHash: 32, twinIds: 18, host: 12 },
  )
  expect(lines).toEqual([
    'pipelines/acme.yml:12:20  services.domain.write.host would give 1 lead a value of up to 22 characters, and host holds 12. Name another field.',
    'pipelines/acme.yml:12:34  services.domain.write.isHost would give 3 leads a value that is no integer, which is what isHost holds. Name another field.',
    'pipelines/acme.yml:9:14  services.hash.write.emailHash would give 3 leads a value of up to 64 characters, and emailHash holds 40. Name another field.',
    'pipelines/acme.yml:6:37  services.twin.stamp.twinIds would give 1 lead a value of up to 19 characters, and twinIds holds 18. Name another field.',
    'pipelines/acme.yml:6:21  services.twin.stamp.twins would give 1 lead a value that is no boolean, which is what twins holds. Name another field.',
    'Nothing was planned, and nothing was sent.',
  ])
})
