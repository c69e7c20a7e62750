/**
 * A person at the console, from the first run to the last: leads of whom every
 * value is hostile, a real browser, runs on the sandbox that are started and
 * stopped from the page, and a console that is killed meanwhile.
 */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readRecords } from '../../src/run/record.js'
import { foldersOf } from '../../src/run/folder.js'
import { systemClock } from '../../src/clock.js'
import { isLocked } from '../../src/warehouse/lock.js'
import {
  axeFindings,
  fillLogin,
  logIn,
  startBrowser,
  visit,
  type Visitor,
} from './browser.js'
import { type ConsoleProcess, consoleProcess } from './console-process.js'
import { hostileValues, writeHostileLeads } from './hostile.js'
import { projectFolder } from './stage.js'

const acme = `description: "<script>hit(1)</script> & Söhne"
owner: '"><img src=x onerror=hit(2)>'
groups: [emea]
marketo:
  sandbox: { from: ../lead.csv }
  time_scale: 60
  budget: { calls_per_20s: 3 }
extract:
  start: 2026-01-01
services:
  person:
    type: dedupe
    match: [{ same: [email] }]
    survive:
      firstName: longest
      lastName: longest
      title: longest
      city: longest
      state: longest
      leadSource: oldest
      leadStatus: longest
      address: longest
      salutation: longest
      department: longest
load:
  guardrails: { merges: 500, merge_share: 60% }
`

let folder = ''
let served: ConsoleProcess
let browser: Browser
let visitor: Visitor
let page: Page

function tokenNow(): string {
  return readFileSync(served.tokens.operator, 'utf8').trim()
}

beforeAll(async () => {
  folder = projectFolder({ acme })
  writeHostileLeads(join(folder, 'lead.csv'), Date.now())
  ;[served, browser] = await Promise.all([
    consoleProcess(folder),
    startBrowser(),
  ])
  visitor = await visit(browser, served.url)
  page = visitor.page
  page.setDefaultTimeout(50_000)
  // What is injected would call this, if it ran.
  await page.addInitScript(
    'window.hit = (n) => { document.title = `HIT ${n}` }',
  )
  page.on('dialog', (dialog) => {
    visitor.trouble.push(`dialog: ${dialog.message()}`)
    void dialog.accept()
  })
})

afterAll(async () => {
  await browser.close()
  await served.stop()
  // Runs outlive the console; the last one may still be publishing.
  const { root } = foldersOf(folder, 'acme')
  while (await isLocked(root)) await systemClock.sleep(200)
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
})

function runs() {
  return readRecords(foldersOf(folder, 'acme').log).runs
}

/** The page's own questions are answered, and are no trouble. */
async function agree(press: () => Promise<void>): Promise<void> {
  const before = visitor.trouble.length
  await press()
  visitor.trouble.splice(before)
}

const stepIs = (step: string, word: string) =>
  page.locator(`#step-${step}-status`, { hasText: word })

describe('a person at the console', () => {
  it('starts a run from the overview and sees it go on', async () => {
    await logIn(page, tokenNow())
    await page.getByRole('button', { name: 'Run acme' }).click()
    await page.waitForURL(/\/pipeline\/acme\/run\//)
    await stepIs('extract', 'running').waitFor()
    expect(await page.getByText('It goes on when').isVisible()).toBe(true)
  })

  it('meets the same run live again after the console was killed', async () => {
    const address = page.url()
    const port = Number(new URL(served.url).port)
    await served.kill()
    served = await consoleProcess(folder, port)
    // The page notices by itself, asks to log in again, and leads back.
    await fillLogin(page, tokenNow())
    visitor.trouble.splice(0)
    expect(page.url()).toBe(address)
    // Live: no reload between one status and the next.
    await page.evaluate('window.stays = true')
    await stepIs('extract', 'done').waitFor()
    expect(await page.evaluate('window.stays')).toBe(true)
    await page.getByText('waits for approval').first().waitFor()
    expect(runs().map(({ status }) => status)).toEqual(['review'])
  })

  it('meets nothing on any page that is executed or inaccessible', async () => {
    const [run] = runs()
    const id = run?.run_id ?? ''
    const base = `/pipeline/acme/run/${id}`
    const paths = [
      '/',
      '/pipeline/acme',
      base,
      `${base}/log?level=debug&q=%3Cscript%3Ehit(3)%3C/script%3E`,
      `${base}/plan?lead=%22%3E%3Csvg%20onload=hit(4)%3E`,
      `${base}/plan`,
      `${base}/plan?page=2`,
      `${base}/plan?page=3`,
      '/pipeline/acme/review',
      '/pipeline/acme/lead',
      '/pipeline/acme/lead?q=person1%40example.com',
      '/pipeline/acme/quality',
      '/pipeline/acme/settings',
      '/new',
      '/%3Cscript%3Ehit(5)%3C/script%3E',
    ]
    const faults: string[] = []
    let seen = ''
    for (const path of paths) {
      await page.goto(path)
      seen += (await page.evaluate('document.body.innerText')) as string
      if ((await page.title()).startsWith('HIT')) faults.push(`${path}: HIT`)
      const found = await axeFindings(page)
      faults.push(...found.map((text) => `${path}: ${text}`))
    }
    expect(faults).toEqual([])
    expect(visitor.trouble).toEqual([])
    // The plan shows every value of the leads that stay, as text.
    const flat = seen.replace(/\s+/g, ' ')
    const shown = hostileValues.filter((text) =>
      flat.includes(text.replace(/\s+/g, ' ').trim()),
    )
    expect(shown).toHaveLength(500)
  })

  it('takes away no file in which a cell begins a formula', async () => {
    const [run] = runs()
    const path = `/pipeline/acme/run/${run?.run_id ?? ''}/plan.csv`
    const answer = await page.request.get(path)
    expect(answer.status()).toBe(200)
    expect(answer.headers()['content-disposition']).toContain('attachment')
    const text = (await answer.text()).replace(/^\uFEFF/, '')
    const { readCsv } = await import('../../src/pipeline/csv.js')
    const cells = readCsv(text).rows.flatMap((row) => row.cells)
    expect(cells.length).toBeGreaterThan(2000)
    const formulas = cells.filter((cell) => /^[=+\-@\t\r|%]/.test(cell.text))
    expect(formulas).toEqual([])
  })

  it('hides the values of people from who may only look', async () => {
    const other = await visit(browser, served.url)
    await logIn(other.page, readFileSync(served.tokens.viewer, 'utf8').trim())
    const [run] = runs()
    const base = `/pipeline/acme/run/${run?.run_id ?? ''}`
    await other.page.goto(`${base}/plan`)
    const text = (await other.page.evaluate(
      'document.body.innerText',
    )) as string
    expect(text).toContain('50 rows')
    expect(text).not.toContain('<script>hit(1000)</script>')
    expect(await other.page.getByRole('button').allTextContents()).toEqual([
      'Log out',
      'Show',
    ])
    await other.close()
  })

  it('approves the plan, stops it after the row in flight, and goes on later', async () => {
    const [planned] = runs()
    await page.goto(`/pipeline/acme/run/${planned?.run_id ?? ''}`)
    await agree(() =>
      page.getByRole('button', { name: 'Apply this plan' }).click(),
    )
    await page.waitForURL(
      (url) => !url.href.includes(planned?.run_id ?? 'none'),
    )
    await page
      .locator('#step-apply-text')
      .filter({ hasText: /^[1-9]\d* of 50 rows/ })
      .waitFor()
    await agree(() =>
      page.getByRole('button', { name: 'Stop after the row' }).click(),
    )
    await page.getByText('paused').first().waitFor()
    const stopped = runs().at(-1)
    expect(stopped).toMatchObject({ status: 'paused', exit_code: 4 })
    const counts = await page.locator('#plan ~ p a').allTextContents()
    const of = (status: string) =>
      Number(
        counts
          .find((text) => text.endsWith(status))
          ?.split(' ')[0]
          ?.replace(',', '') ?? 0,
      )
    expect(of('done')).toBeGreaterThan(0)
    expect(of('open')).toBe(0)

    await page.getByRole('button', { name: 'Run again' }).click()
    await page.getByText('done', { exact: true }).first().waitFor()
    await expect
      .poll(() => runs().at(-1)?.status, { timeout: 45_000 })
      .toBe('done')
    const merged = runs().map(({ apply }) => apply?.merged_leads ?? 0)
    expect(merged.at(-1)).toBeGreaterThan(0)
    expect(visitor.trouble).toEqual([])
  })

  it('leaves who did what in the audit file, without values', () => {
    const file = join(folder, 'warehouse', '.console', 'audit.jsonl')
    const text = readFileSync(file, 'utf8')
    const what = text
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { what: string }).what)
    expect(what.filter((word) => word === 'start')).toHaveLength(3)
    expect(what).toContain('stop')
    expect(text).toContain('Zoë Ångström')
    expect(text).not.toMatch(/example\.com|hit\(1/)
  })
})
