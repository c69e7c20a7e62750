import { DuckDBInstance } from '@duckdb/node-api'
import { expect, it } from 'vitest'
import {
  expectFailure,
  instance,
  type Project,
  projectFor,
} from './bad-world.js'

const wanting = ['extract:\n', 'extract:\n  fields: [leadSource]\n'] as const
const freeze = [
  'extract:\n',
  'extract:\n  fields: [leadSource]\n  contract: freeze\n',
] as const

async function rows(project: Project, sql: string): Promise<unknown[]> {
  const open = await DuckDBInstance.create(project.inside('build.duckdb'), {
    access_mode: 'READ_ONLY',
  })
  const connection = await open.connect()
  const read = await connection.runAndReadAll(sql)
  connection.closeSync()
  open.closeSync()
  return read.getRowObjectsJson()
}

it('fields that change are recorded, judged by the policy, and keep their values across a new name', async () => {
  const { endpoint, env } = await instance()
  const change = async (body: object) => {
    const answer = await fetch(`${endpoint}/sandbox/fields`, {
      method: 'POST',
      body: JSON.stringify(body),
    })
    expect(answer.status).toBe(200)
  }
  const project = projectFor({ env }, freeze)
  expect(await project.pipeline('extract', 'acme')).toMatchObject({ code: 0 })

  // A field that nobody uses may change; one that is used may not.
  await change({ add: [{ name: 'shoeSize', dataType: 'integer' }] })
  expect(await project.pipeline('extract', 'acme')).toMatchObject({ code: 0 })
  const jobs = await rows(project, 'select count(*) as n from meta.export_job')
  await change({
    remove: ['leadSource'],
    add: [{ name: 'originOfLead', displayName: 'Lead Source' }],
  })
  const frozen = await project.pipeline('extract', 'acme')
  expectFailure(frozen, 7, /leadSource/, /extract\.contract/, /nothing was/)
  expect(
    await rows(project, 'select count(*) as n from meta.export_job'),
  ).toEqual(jobs)

  // The rule names what is gone: it stops, and the message has the new name.
  project.rules(wanting)
  const gone = await project.pipeline('extract', 'acme')
  expectFailure(gone, 3, /leadSource/, /acme\.yml:\d+:\d+/)

  project.rules(['extract:\n', 'extract:\n  fields: [originOfLead]\n'])
  const taken = await project.pipeline('extract', 'acme')
  expect(taken).toMatchObject({ code: 0 })
  expect(taken.stdout).toContain('Fields of Marketo changed:')
  const changes = await rows(
    project,
    'select field, change from meta.field_change order by seen_at, field, change',
  )
  expect(changes).toContainEqual({ field: 'shoeSize', change: 'new' })
  // What changed is priced, and the price is where analysts look.
  const routes = await rows(project, 'from meta.route')
  expect(routes).toMatchObject(
    routes.map(() => ({ route: 'export', is_chosen: true })),
  )
  expect(routes).not.toHaveLength(0)
})
