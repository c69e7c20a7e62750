import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { receiver } from '../alert/receiver.js'
import {
  connection,
  newestLog,
  pipeline,
  project,
  sandbox,
  state,
} from './support.js'

it('tells of a failed run and of its end, and changes no exit code where nobody hears', async () => {
  const served = await sandbox(['--count', '50', '--time-scale', '1000'])
  const hook = await receiver()
  const folder = project({
    acme: `${connection(1000)}owner: marketing-ops
alert:
  - { webhook: "\${TEST_WEBHOOK}" }
  - { github: true }
`,
  })
  const summary = join(folder, 'summary.md')
  writeFileSync(summary, '')
  const env = {
    ...served.env,
    TEST_WEBHOOK: hook.url,
    GITHUB_STEP_SUMMARY: summary,
  }
  const args = ['--project-dir', folder, '--json', 'extract', 'acme']
  const wrong = { ...env, TEST_CLIENT_SECRET: 'a-wrong-secret-of-acme' }
  const failed = await pipeline(args, wrong)
  expect(failed.code).toBe(5)
  expect(JSON.parse(failed.stdout)).toMatchObject({ status: 'failed' })
  expect(failed.stderr).toMatch(/^::error title=acme failed::/m)
  expect(hook.bodies).toHaveLength(1)
  expect(hook.bodies[0]).toContain('"next":"pipeline debug acme"')
  expect(newestLog(folder, 'acme')).toContain('"event":"alert.sent"')

  const deaf = { ...wrong, TEST_WEBHOOK: 'http://127.0.0.1:9/gone' }
  expect((await pipeline(args, deaf)).code).toBe(5)

  const done = await pipeline(args, env)
  expect(done.code).toBe(0)
  expect(hook.bodies).toHaveLength(2)
  expect(hook.bodies[1]).toContain('"event":"recovered"')
  expect(hook.bodies[1]).toContain('failing (2 times')
  const page = readFileSync(summary, 'utf8')
  expect(page.match(/^### /gm)).toHaveLength(4)
  const { leads } = await state(served.endpoint)
  const people = leads
    .flatMap(({ email, lastName }) => [email, lastName])
    .filter((text) => typeof text === 'string' && text.length > 4)
  expect(people.length).toBeGreaterThan(30)
  const told = [page, ...hook.bodies].join('\n')
  expect(people.filter((text) => told.includes(String(text)))).toEqual([])
}, 240_000)
