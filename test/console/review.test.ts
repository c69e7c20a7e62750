import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Journal } from '../../src/load/journal.js'
import { journalPlace } from '../../src/load/place.js'
import type { MergeRow, PlanHeader } from '../../src/load/plan.js'
import { planHeader, PlanWriter } from '../../src/load/plan-file.js'
import type { RunRecord } from '../../src/run/record.js'
import {
  findingsOf,
  openBrowser,
  overflowOf,
  picture,
  visit,
} from './settings-browser.js'
import { type Stage, startStage } from './stage.js'

const shop = readFileSync('pipelines/demo.yml', 'utf8')
  .replace(
    /^marketo: sandbox$/m,
    'marketo: { sandbox: { leads: 300, seed: 7 }, time_scale: 2000 }',
  )
  .replace('apply: auto', 'apply: review')

let stage: Stage
let browser: Browser
let page: Page
let viewer: Page
let merges: MergeRow[]
let hash: string

beforeAll(async () => {
  stage = await startStage({ shop })
  const args = ['--project-dir', stage.folder, 'run', 'shop', '--quiet']
  // Exit 0: done, and the plan waits.
  await promisify(execFile)(process.execPath, [resolve('dist/cli.js'), ...args])
  browser = await openBrowser()
  page = await visit(browser, stage)
  viewer = await visit(browser, stage, { role: 'viewer' })
  const [plan = ''] = readdirSync(at('plan'))
  hash = plan.replace('.jsonl', '')
  merges = linesOf(at('plan', plan)).filter(isMerge)
}, 120_000)

afterAll(async () => {
  await browser.close()
  await stage.close()
})

const at = (...parts: string[]) =>
  join(stage.folder, 'warehouse', 'shop', ...parts)
const fileOf = (name: string) => join(stage.folder, 'pipelines', name)

function linesOf(path: string): unknown[] {
  const lines = readFileSync(path, 'utf8').trim().split('\n')
  return lines.map((line): unknown => JSON.parse(line))
}

function isMerge(row: unknown): row is MergeRow {
  return (
    typeof row === 'object' && row !== null && 'losers' in row && 'row' in row
  )
}

const say = async () => await page.getByRole('status').first().innerText()

describe('a plan that waits', { timeout: 90_000 }, () => {
  it('shows its rows side by side, the riskiest first', async () => {
    await page.goto('/pipeline/shop/review')
    await page.getByRole('link', { name: 'Look at every row' }).click()
    const shown = await page.getByRole('article').allInnerTexts()
    const kept = merges.filter((row) => row.kept.length > 0).length
    expect(kept).toBeGreaterThan(0)
    const flags = shown.map((text) => text.includes('an opt-out is never lost'))
    expect(flags.slice(0, kept)).not.toContain(false)
    expect(flags.slice(kept)).not.toContain(true)
    await page.getByRole('link', { name: '20 at random' }).click()
    expect(await page.getByRole('article').count()).toBe(20)
  })

  it('says at once what a decision on a row changes, and is refused until planned again', async () => {
    const row = merges.find(
      ({ mergeInCrm, losers }) => !mergeInCrm && losers.length === 1,
    )
    await page.goto(`/pipeline/shop/review/plan/${hash}`)
    const card = page.getByRole('article', { name: `${row?.winner} absorbs` })
    await card.getByText('Decide otherwise').click()
    await card.getByText('this lead stays:').click()
    await card.getByLabel('Why, or your note').fill('she uses this one')
    await card.getByRole('button', { name: 'Write it down' }).click()
    expect(await say()).toContain(
      `Of ${merges.length} merges in the plan, ${merges.length - 1} stay as they are; 1 merge keeps another lead.`,
    )
    expect(readFileSync(fileOf('shop.override.csv'), 'utf8')).toBe(
      `kind,lead_id,other_id,field,value,author,reason,until\nwinner,${row?.losers[0]},,,,Mia Marketer,she uses this one,\n`,
    )
    await page.goto('/pipeline/shop/review')
    expect(await page.getByRole('button', { name: /Approve/ }).count()).toBe(0)
    await page.getByRole('button', { name: 'Plan again' }).waitFor()
    await page.goto('/pipeline/shop/settings')
    await page.getByRole('button', { name: /^Remove the decision/ }).click()
  })

  it.each([
    ['flagged', '1 merge goes out'],
    ['never merge this one', '1 merge comes apart'],
    ['this value stays', '1 merge keeps another value'],
  ])('counts %s', async (label, effect) => {
    await page.goto(`/pipeline/shop/review/plan/${hash}`)
    const card = page.getByRole('article').first()
    await card.getByText('Decide otherwise').click()
    await card.getByText(label).click()
    await card.getByLabel('Value', { exact: true }).fill('Another')
    await card.getByLabel('Why, or your note').fill('a note')
    await card.getByRole('button', { name: 'Write it down' }).click()
    expect(await say()).toContain(effect)
    await page.goto('/pipeline/shop/settings')
    const remove = page.getByRole('button', { name: /^Remove the decision/ })
    while ((await remove.count()) > 0) await remove.first().click()
  })

  it('leaves rows out and sends the rest, approved by whoever is logged in', async () => {
    await page.goto(`/pipeline/shop/review/plan/${hash}`)
    const tick = page.getByLabel('leave out of this plan').first()
    const out = await tick.getAttribute('value')
    await tick.check()
    await page
      .getByRole('button', { name: 'Leave the ticked rows out' })
      .click()
    expect(await say()).toContain('1 row is left out')
    expect(await findingsOf(page)).toEqual([])
    await picture(page, 'review-plan')
    await page.goto('/pipeline/shop/review')
    page.once('dialog', (dialog) => void dialog.accept())
    await page
      .getByRole('button', { name: /^Approve and send \d+ rows/ })
      .click()
    await page.waitForURL(/\/run\//)
    const id = page.url().split('/').at(-1) ?? ''
    const record = at('log', `${id}.json`)
    await expect
      .poll(() => readFileSync(record, 'utf8'), {
        timeout: 60_000,
        interval: 300,
      })
      .toMatch(/"step": "publish",\s+"status": "done"/)
    const journal = linesOf(at('journal', `${hash}.jsonl`))
    expect(journal).toContainEqual(
      expect.objectContaining({ kind: 'approve', who: 'Mia Marketer' }),
    )
    expect(journal).toContainEqual(
      expect.objectContaining({
        rows: [out],
        status: 'cancelled',
        reason: 'Mia Marketer left it out of this plan',
      }),
    )
    await viewer.goto('/pipeline/shop/review')
    expect(await viewer.locator('#plan').innerText()).toContain('None.')
  })
})

describe('the queue of doubtful duplicates', { timeout: 60_000 }, () => {
  it('takes a decision without scripts, with author and reason', async () => {
    const plain = await visit(browser, stage, { scripts: false })
    await plain.goto('/pipeline/shop/review')
    const waiting = async () =>
      Number(
        /(\d+) items? waits?/.exec(
          await plain.locator('#queue').innerText(),
        )?.[1],
      )
    const before = await waiting()
    const first = plain.locator('#queue tbody th a').first()
    const item = await first.innerText()
    await first.click()
    await plain.getByLabel('different people: never merge').check()
    await plain.getByLabel('Why, or your note').fill('a family')
    await plain.getByRole('button', { name: 'Decide' }).click()
    expect(await plain.getByRole('status').first().innerText()).toContain(
      `Decided ${item}.`,
    )
    expect(await waiting()).toBe(before - 1)
    const written = readFileSync(fileOf('shop.override.csv'), 'utf8')
    expect(written).toMatch(/^never_merge,\d+,\d+,,,Mia Marketer,a family,$/m)
    expect(existsSync(fileOf('shop.label.csv'))).toBe(true)
  })

  it('takes a flag with a note, and that decides the item', async () => {
    await page.goto('/pipeline/shop/review')
    const first = page.locator('#queue tbody th a').first()
    const item = await first.innerText()
    await first.click()
    expect(await findingsOf(page)).toEqual([])
    await picture(page, 'review-item')
    await page.getByLabel(/^flagged/).check()
    await page.getByLabel('Why, or your note').fill('ask the sales team')
    await page.getByRole('button', { name: 'Decide' }).click()
    expect(await say()).toContain(`Decided ${item}`)
    expect(readFileSync(fileOf('shop.override.csv'), 'utf8')).toContain(
      'Mia Marketer,ask the sales team',
    )
    expect(
      await page.locator('#queue tbody th a').allInnerTexts(),
    ).not.toContain(item)
  })
})

describe('a lead', { timeout: 60_000 }, () => {
  it('is found by its address, which stays out of the page address', async () => {
    const { winner, before } = appliedMerge()
    await page.goto('/pipeline/shop/lead')
    await page
      .getByLabel('Id or e-mail address')
      .fill(before[winner]?.['email'] ?? '')
    await page.getByRole('button', { name: 'Find' }).click()
    expect(page.url()).not.toContain('@')
    expect(await page.locator('main').innerText()).toContain(winner)
  })

  it('that went shows where it is now, and every run and call with it', async () => {
    const { losers, winner } = appliedMerge()
    const [gone = ''] = losers
    await page.goto('/pipeline/shop/lead')
    await page.getByLabel('Id or e-mail address').fill(gone)
    await page.getByRole('button', { name: 'Find' }).click()
    await page.getByRole('link', { name: 'Explain in full' }).click()
    const text = await page.locator('main').innerText()
    expect(text).toContain(`It was merged into ${winner}`)
    expect(text).toMatch(/approved by Mia Marketer/)
    expect(text).toMatch(/checked\s+read back/)
    expect(
      await page.getByRole('table', { name: /^Calls to Marketo/ }).innerText(),
    ).toMatch(/merge\s+ok/)
    expect(text).toMatch(/Runs that touched it: \d{8}-\d{6}-/)
  })

  it('is masked for viewers', async () => {
    const { winner, before } = appliedMerge()
    await viewer.goto(`/pipeline/shop/lead/${winner}`)
    const text = await viewer.locator('main').innerText()
    expect(text).toContain('•••')
    for (const field of ['email', 'lastName', 'phone']) {
      const value = before[winner]?.[field] ?? null
      if (value !== null) expect(text).not.toContain(value)
    }
  })
})

/** The first merge that was sent. */
function appliedMerge(): MergeRow {
  const ended = linesOf(at('journal', `${hash}.jsonl`)).filter(
    (line): line is { rows: string[]; status: string } =>
      typeof line === 'object' && line !== null && 'status' in line,
  )
  const done = new Set(
    ended.flatMap(({ rows, status }) => (status === 'done' ? rows : [])),
  )
  const found = merges.find(({ row }) => done.has(row))
  if (found === undefined) throw new Error('No merge was applied.')
  return found
}

describe('the pages of a pipeline', { timeout: 60_000 }, () => {
  it.each([
    ['review', 'operator', 1280],
    ['review', 'viewer', 390],
    ['lead', 'operator', 390],
    ['quality', 'viewer', 1280],
    ['quality', 'operator', 390],
  ] as const)('%s is for a %s at %i pixels', async (name, role, width) => {
    const own = role === 'viewer' ? viewer : page
    await own.setViewportSize({ width, height: 900 })
    await own.goto(`/pipeline/shop/${name}`)
    if (name === 'lead') {
      await own.goto(`/pipeline/shop/lead/${appliedMerge().winner}`)
    }
    expect(await findingsOf(own)).toEqual([])
    expect(await overflowOf(own)).toBeLessThanOrEqual(0)
    await picture(own, `${name}-${role}`)
  })

  it('says of quality how tests ended, how fresh it is, and how fields change', async () => {
    await page.goto('/pipeline/shop/quality')
    const text = await page.locator('main').innerText()
    expect(text).toMatch(/\d+ tests pass/)
    expect(text).toMatch(/Published .* UTC, .* ago/)
    expect(
      await page.locator('#patterns ~ table, #patterns + table').innerText(),
    ).toContain('emailSha256')
    expect(await page.locator('figure svg').count()).toBeGreaterThan(1)
  })
})

/** A plan of two merges, of which one may have happened, and its run. */
async function leaveOpen(): Promise<string> {
  const [one, two] = merges
  if (one === undefined || two === undefined) throw new Error('Too few merges.')
  const header = await planHeader(at('plan', `${hash}.jsonl`))
  if (header === null) throw new Error('No plan.')
  const writer = await PlanWriter.create(at('plan'))
  for (const row of [one, two]) await writer.add(row)
  const bare: Record<string, unknown> = { ...header, merges: 2, updates: 0 }
  delete bare['hash']
  const plan = await writer.finish(bare as unknown as PlanHeader)
  const name = basename(plan.path, '.jsonl')
  const journal = await Journal.open(journalPlace(at(), name).journal)
  const whole = plan.header.hash
  const begin = {
    kind: 'begin',
    epoch: 9,
    run: 'r',
    plan: whole,
    at: 0,
  } as const
  const frozen = [one.winner, ...one.losers]
  const status = 'unresolved'
  const reason = 'two readings do not agree'
  const ended = { kind: 'status', rows: [one.row], status, reason } as const
  await journal.append([begin, { ...ended, frozen }], true)
  await journal.close()
  const [last = ''] = readdirSync(at('log'))
    .filter((file) => file.endsWith('.json'))
    .toSorted()
    .toReversed()
  const record = JSON.parse(readFileSync(at('log', last), 'utf8')) as RunRecord
  const run_id = '20991231-000000-0001'
  const paused = {
    ...record,
    run_id,
    status: 'paused',
    plan: { ...record.plan, hash: whole, needs_approval: false },
  }
  writeFileSync(at('log', `${run_id}.json`), JSON.stringify(paused))
  return name
}

describe('what a plan left open', { timeout: 60_000 }, () => {
  it('waits until somebody says to have looked, and ends for good where somebody says so', async () => {
    const name = await leaveOpen()
    const lines = () => linesOf(at('journal', `${name}.jsonl`))
    await page.goto('/pipeline/shop/review')
    const frozen = page.locator('#frozen')
    expect(await frozen.innerText()).toContain('two readings do not agree')
    expect(await findingsOf(page)).toEqual([])
    await viewer.goto('/pipeline/shop/review')
    expect(await viewer.locator('#frozen button').count()).toBe(0)
    await picture(page, 'review-open')
    page.once('dialog', (dialog) => void dialog.accept())
    await frozen.getByRole('button', { name: /^I looked/ }).click()
    expect(await say()).toContain('may be touched again')
    expect(await frozen.count()).toBe(0)
    expect(lines()).toContainEqual(
      expect.objectContaining({ kind: 'release', who: 'Mia Marketer' }),
    )
    page.once('dialog', (dialog) => void dialog.accept())
    await page.getByRole('button', { name: 'End it for good' }).click()
    expect(await say()).toContain('1 row was cancelled')
    expect(lines()).toContainEqual(expect.objectContaining({ kind: 'end' }))
    expect(await page.locator('#begun').count()).toBe(0)
  })
})
