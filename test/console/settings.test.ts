import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { withEnvFile } from '../../src/pipeline/env-file.js'
import { loadPipeline } from '../../src/pipeline/load.js'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.js'
import {
  findingsOf,
  openBrowser,
  overflowOf,
  picture,
  visit,
} from './settings-browser.js'
import { type Stage, startStage } from './stage.js'

const renewed = { id: 'new-client-canary', secret: 'new-secret-canary-5678' }

const acme = `# yaml-language-server: $schema=../.pipeline.schema.json
# The real one.
description: Acme   # as in the contract
groups: [emea]
marketo:
  endpoint: \${ACME_ENDPOINT}     # of production
  client_id: \${ACME_ID}
  client_secret: \${ACME_SECRET}
  time_scale: 60
services:
  # Everybody.
  person:
    type: dedupe
    match:
      - similar: { first_name: 0.90, last_name: 0.92 }   # tried in May
        block: [email_domain]
load:
  guardrails: { merges: 500, merge_share: 2% }  # see the wiki
# The end.
`

let marketo: Sandbox
let stage: Stage
let browser: Browser
let operator: Page

beforeAll(async () => {
  marketo = await startSandbox({
    leads: { kind: 'generated', count: 5, seed: 3 },
    timeScale: 60,
    clients: [
      { id: renewed.id, secret: renewed.secret, user: 'api@acme.example' },
    ],
  })
  const demo = readFileSync('pipelines/demo.yml', 'utf8')
  stage = await startStage({ acme, demo }, { ACME_ENDPOINT: marketo.endpoint })
  browser = await openBrowser()
  operator = await visit(browser, stage)
}, 60_000)

afterAll(async () => {
  await browser.close()
  await stage.close()
  await marketo.close()
})

const fileOf = (name: string) => join(stage.folder, 'pipelines', name)
const read = (name: string) => readFileSync(fileOf(name), 'utf8')
const comments = (text: string) => text.match(/#[^\n]*/g) ?? []

async function loaded(name: string) {
  const env = withEnvFile({ ACME_ENDPOINT: marketo.endpoint }, stage.folder)
  const { pipeline } = await loadPipeline(fileOf(`${name}.yml`), env, {
    secrets: 'ignored',
  })
  return pipeline
}

/** One page for everybody who needs no other. */
async function settings(name: string, scripts = true): Promise<Page> {
  const page = scripts ? operator : await visit(browser, stage, { scripts })
  await page.goto(`/pipeline/${name}/settings`)
  return page
}

async function showDifference(page: Page, part: string): Promise<void> {
  const button = page.locator(`#${part}`).getByRole('button', {
    name: 'Show the difference',
  })
  await button.first().click()
}

describe('the settings of a pipeline', { timeout: 60_000 }, () => {
  it('reschedule a pipeline without scripts: the difference first, then the file', async () => {
    const page = await settings('acme', false)
    await page.getByLabel('Cron').fill('30 4 * * 1-5')
    await page.getByLabel('Timezone').fill('Europe/Paris')
    await page.getByLabel('Until', { exact: true }).fill('07:00')
    await page
      .getByLabel('Blackout')
      .fill('2026-12-25, 2026-12-30 to 2027-01-02')
    await showDifference(page, 'schedule')
    const added = await page.locator('tr.added').allInnerTexts()
    expect(added.join('')).toContain('cron: 30 4 * * 1-5')
    expect(await page.getByText('It would run next at').innerText()).toMatch(
      /\d{4}-\d\d-\d\d \d\d:30 UTC/,
    )
    expect(read('acme.yml')).toBe(acme)
    await page.getByRole('button', { name: 'Save' }).click()
    expect(await page.getByRole('status').innerText()).toContain(
      'git add pipelines/acme.yml',
    )
    const { schedule } = await loaded('acme')
    expect(schedule).toMatchObject({
      cron: '30 4 * * 1-5',
      timezone: 'Europe/Paris',
      until: '07:00',
      blackout: [
        { from: '2026-12-25', to: '2026-12-25' },
        { from: '2026-12-30', to: '2027-01-02' },
      ],
    })
    expect(
      read('acme.yml').startsWith(acme.slice(0, acme.indexOf('# The end'))),
    ).toBe(true)
    expect(comments(read('acme.yml'))).toEqual(comments(acme))
  })

  it('bring exported workflows up to date, and name them for the commit', async () => {
    const workflow = join(stage.folder, '.github', 'workflows', 'acme.yml')
    mkdirSync(join(workflow, '..'), { recursive: true })
    writeFileSync(
      workflow,
      '# Made by: pipeline schedule acme --export github-actions\n# old\n',
    )
    const page = await settings('acme')
    await page.getByLabel('Until', { exact: true }).fill('06:30')
    await showDifference(page, 'schedule')
    await page.getByRole('button', { name: 'Save' }).click()
    expect(await page.getByRole('status').innerText()).toContain(
      'git add pipelines/acme.yml .github/workflows/acme.yml',
    )
    const text = readFileSync(workflow, 'utf8')
    expect(text).toContain('ACME_SECRET')
    expect(text).toContain("    - cron: '")
  })

  it('refuse what the validator refuses, with line and column', async () => {
    const before = read('acme.yml')
    const page = await settings('acme')
    await page.getByLabel('Cron').fill('99 4 * * *')
    await showDifference(page, 'schedule')
    const alert = await page.getByRole('alert').innerText()
    expect(alert).toMatch(/line \d+, column \d+: schedule\.cron has "99"/)
    expect(await findingsOf(page)).toEqual([])
    await page.getByRole('button', { name: 'Try again' }).click()
    expect(await page.getByRole('alert').innerText()).toContain('"99"')
    expect(read('acme.yml')).toBe(before)
  })

  it('switch a service off, put it on a list, and change how sure it must be', async () => {
    const page = await settings('acme')
    await page.getByLabel('Runs').selectOption('false')
    await page.getByLabel('Leads', { exact: true }).selectOption('static')
    await page.getByLabel('Name or id of the list').fill('Newsletter')
    await page.getByLabel('match 1: first_name at least').fill('0.95')
    await showDifference(page, 'services')
    await page.getByRole('button', { name: 'Save' }).click()
    expect((await loaded('acme')).services).toEqual([])
    expect(read('acme.yml')).toContain(
      '- similar: { first_name: 0.95, last_name: 0.92 }   # tried in May',
    )
    await page.getByLabel('Runs').selectOption('true')
    await showDifference(page, 'services')
    await page.getByRole('button', { name: 'Save' }).click()
    expect((await loaded('acme')).services).toMatchObject([
      { name: 'person', list: { kind: 'static', list: 'Newsletter' } },
    ])
    expect(comments(read('acme.yml'))).toEqual(comments(acme))
  })

  it('change guardrails, groups and alerts', async () => {
    const page = await settings('acme')
    await page.getByLabel('Merges', { exact: true }).fill('750')
    await showDifference(page, 'load')
    await page.getByRole('button', { name: 'Save' }).click()
    await page
      .getByRole('textbox', { name: 'Groups' })
      .fill('emea, client:acme')
    await showDifference(page, 'about')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Add an alert').click()
    await page.getByLabel('failed').check()
    await showDifference(page, 'alert')
    await page.getByRole('button', { name: 'Save' }).click()
    const pipeline = await loaded('acme')
    expect(pipeline.load.guardrails.merges).toBe(750)
    expect(pipeline.groups).toEqual(['emea', 'client:acme'])
    expect(pipeline.alert).toMatchObject([{ on: ['failed'] }])
    expect(read('acme.yml')).toContain('slack: ${ACME_SLACK_WEBHOOK}')
    expect(comments(read('acme.yml'))).toEqual(comments(acme))
  })

  it('say that somebody else changed the file meanwhile', async () => {
    const page = await settings('demo')
    await page.getByRole('textbox', { name: 'Owner' }).fill('ops')
    await showDifference(page, 'about')
    const other = `${read('demo.yml')}# by another\n`
    writeFileSync(fileOf('demo.yml'), other)
    await page.getByRole('button', { name: 'Save' }).click()
    expect(await page.getByRole('alert').innerText()).toContain(
      'was changed by somebody else',
    )
    expect(read('demo.yml')).toBe(other)
  })

  it('rotate credentials once Marketo accepts them, and never show them', async () => {
    const page = await settings('acme')
    await page.getByLabel('ACME_ID').fill(renewed.id)
    await page.getByLabel('ACME_SECRET').fill('wrong-secret-canary')
    await page
      .getByLabel('ACME_SLACK_WEBHOOK')
      .fill('https://hooks.slack.com/services/T1')
    const send = () =>
      page.getByRole('button', { name: 'Try and replace' }).click()
    await send()
    const refusal = await page.getByRole('alert').innerText()
    expect(refusal).toContain('The new values were not kept')
    expect(await page.content()).not.toContain('canary')
    expect(existsSync(join(stage.folder, '.env'))).toBe(false)
    await page.goto('/pipeline/acme/settings')
    await page.getByLabel('ACME_ID').fill(renewed.id)
    await page.getByLabel('ACME_SECRET').fill(renewed.secret)
    await page
      .getByLabel('ACME_SLACK_WEBHOOK')
      .fill('https://hooks.slack.com/services/T1')
    await send()
    expect(await page.getByRole('status').innerText()).toContain('replaced')
    expect(await page.content()).not.toContain('canary')
    const { marketo: target } = (
      await loadPipeline(
        fileOf('acme.yml'),
        withEnvFile({ ACME_ENDPOINT: marketo.endpoint }, stage.folder),
      )
    ).pipeline
    expect(target).toMatchObject({ clientSecret: renewed.secret })
    await page.getByRole('button', { name: 'Check the connection' }).click()
    await page.getByText('accepted').waitFor()
    expect(await findingsOf(page)).toEqual([])
    await picture(page, 'settings-check')
  })

  it('write a decision down, end it and remove it', async () => {
    const page = await settings('demo')
    await page.getByText('Write a decision down').click()
    await page.getByLabel('Lead', { exact: true }).fill('1000231')
    await page.getByLabel('Other lead, of a pair').fill('1000230')
    await page.getByLabel('Why').fill('two people of one office')
    await page.getByRole('button', { name: 'Write it down' }).click()
    expect(read('demo.override.csv')).toBe(
      'kind,lead_id,other_id,field,value,author,reason,until\nnever_merge,1000230,1000231,,,Mia Marketer,two people of one office,\n',
    )
    expect((await loaded('demo')).overrides).toHaveLength(1)
    await picture(page, 'settings-decision')
    await page.getByRole('button', { name: 'End the decision on' }).click()
    expect((await loaded('demo')).overrides[0]?.until).toMatch(/^\d{4}-/)
    await page.getByRole('button', { name: 'Remove the decision on' }).click()
    expect((await loaded('demo')).overrides).toEqual([])
  })

  it('add a pipeline as a copy, with its credentials tried first, and remove it', async () => {
    const page = await settings('acme')
    await page.getByRole('link', { name: 'Copy this pipeline' }).click()
    await page.getByLabel('Name', { exact: true }).fill('beta')
    await page.getByLabel('Description').fill('Beta, a copy')
    expect(await findingsOf(page)).toEqual([])
    await picture(page, 'settings-new')
    await page.getByRole('button', { name: 'Show the file' }).click()
    await page.getByLabel('BETA_MARKETO_ENDPOINT').fill(marketo.endpoint)
    await page.getByLabel('BETA_MARKETO_CLIENT_ID').fill(renewed.id)
    await page.getByLabel('BETA_MARKETO_CLIENT_SECRET').fill(renewed.secret)
    expect(await findingsOf(page)).toEqual([])
    await picture(page, 'settings-look')
    await page.getByRole('button', { name: 'Check the connection' }).click()
    expect(await page.getByRole('status').innerText()).toContain(
      'Added beta. Its connection works. Commit it: git add pipelines/beta.yml',
    )
    const beta = await loaded('beta')
    expect(beta.description).toBe('Beta, a copy')
    expect(beta.schedule).toEqual((await loaded('acme')).schedule)
    expect(comments(read('beta.yml')).slice(0, 2)).toEqual(
      comments(acme).slice(0, 2),
    )
    await page.getByLabel('Type beta to remove it').fill('beta')
    await page.getByRole('button', { name: 'Remove the pipeline' }).click()
    const said = await page.getByRole('status').innerText()
    expect(said).toContain('git add -u pipelines/beta.yml')
    expect(existsSync(fileOf('beta.yml'))).toBe(false)
    const kept = join(stage.folder, 'warehouse', 'beta', 'removed')
    const [stamp = ''] = readdirSync(kept)
    expect(readdirSync(join(kept, stamp))).toEqual(['beta.yml'])
  })

  it('leave nothing secret in any file but the private one', () => {
    const holders = filesUnder(stage.folder).filter((file) =>
      readFileSync(file).includes('canary'),
    )
    expect(holders).toEqual([join(stage.folder, '.env')])
    expect(statSync(join(stage.folder, '.env')).mode & 0o777).toBe(0o600)
  })

  it.each([
    ['operator', 1280],
    ['operator', 390],
    ['viewer', 390],
  ] as const)('are for a %s at %i pixels', async (role, width) => {
    const page =
      role === 'viewer' ? await visit(browser, stage, { role }) : operator
    await page.setViewportSize({ width, height: 900 })
    await page.goto('/pipeline/acme/settings')
    expect(await findingsOf(page)).toEqual([])
    expect(await overflowOf(page)).toBeLessThanOrEqual(0)
    const buttons = await page.getByRole('main').getByRole('button').count()
    expect(buttons > 0).toBe(role === 'operator')
    await picture(page, `settings-${role}`)
  })
})

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.includes('/models/'))
}
