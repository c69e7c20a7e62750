import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { tellOverdue, tellRun, type Teller } from '../../src/alert/alert.js'
import type { Clock } from '../../src/clock.js'
import { openLog } from '../../src/log.js'
import type { Pipeline } from '../../src/pipeline/pipeline.js'
import type { Alert, AlertEvent } from '../../src/pipeline/policy.js'
import type { RunRecord } from '../../src/run/record.js'
import { runRecord } from '../run/run-record.js'
import { mailServer, receiver } from './receiver.js'

/** Values that no message may carry. */
const canaries = [
  'zoe.canary@acme.example',
  '+46 70 123 45 67',
  'T0KEN-of-the-hook',
  'pa55w0rd-of-mail',
  's3cret-of-the-client',
]
const hostile = '<!channel> <https://evil.example|x> *b* `c` \n::error::pwned\r'

function record(more: Partial<RunRecord> = {}): RunRecord {
  const calls = { used: 1236, budget: 20_000 }
  return runRecord({ leads: 412_300, calls, ...more })
}

function failed(code: string, message = `${hostile} ${canaries.join(' ')}`) {
  const error = { code, message }
  return record({ status: 'failed', exit_code: 1, error })
}

const waiting = record({
  status: 'review',
  plan: {
    hash: 'abc',
    merges: 1204,
    losers: 1377,
    updates: 8930,
    calls: 1236,
    needs_approval: true,
  },
})

const every: AlertEvent[] = [
  'failed',
  'review',
  'paused',
  'recovered',
  'overdue',
]

/** Time passes only when told, or when somebody sleeps. */
function world(alert: readonly Alert[], summary: string | null = null) {
  const folder = mkdtempSync(join(tmpdir(), 'pipeline-alert-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  let now = Date.parse('2026-11-22T05:10:00Z')
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    sleep(milliseconds) {
      now += milliseconds
      return Promise.resolve()
    },
  }
  const written: string[] = []
  const logFile = join(folder, 'log.jsonl')
  const log = openLog({
    file: logFile,
    level: 'silent',
    secrets: [],
    base: { run_id: 'r', pipeline: 'acme' },
  })
  const pipeline = {
    name: 'acme',
    owner: 'marketing-ops',
    alert,
    marketo: {
      kind: 'instance',
      endpoint: 'http://127.0.0.1:1',
      clientId: 'an-id-of-the-client',
      clientSecret: 's3cret-of-the-client',
    },
  } as unknown as Pipeline
  const teller: Teller = {
    pipeline,
    folder,
    clock,
    log,
    github:
      summary === null
        ? null
        : { summary, write: (text) => written.push(text) },
    nextRun: '2026-11-23T05:00:00.000Z',
    link: 'https://github.example/o/r/actions/runs/1',
  }
  return {
    teller,
    written,
    pass: (minutes: number) => (now += minutes * 60_000),
    log: () => readFileSync(logFile, 'utf8'),
    folder,
  }
}

function hook(kind: 'slack' | 'webhook', url: string, on = every): Alert {
  return { channel: { kind, url }, on }
}

function mail(smtp: string, on = every): Alert {
  const to = ['ops@ours.example', 'two@ours.example']
  return { channel: { kind: 'email', smtp, to, from: 'from@ours.example' }, on }
}

function decoded(mailText: string): string {
  return mailText
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex) =>
      String.fromCharCode(Number.parseInt(String(hex), 16)),
    )
}

describe('an alert', () => {
  it('says on every channel what happened, what is safe and what to do, and nothing personal', async () => {
    const slack = await receiver()
    const web = await receiver()
    const smtp = await mailServer()
    const { teller, written, log, folder } = world(
      [
        hook('slack', slack.url),
        hook('webhook', web.url),
        mail(smtp.url),
        { channel: { kind: 'github' }, on: every },
      ],
      join(tmpdir(), `summary-${process.pid}.md`),
    )
    const summary = teller.github?.summary ?? ''
    onTestFinished(() => rmSync(summary, { force: true }))
    const paused = record({
      status: 'paused',
      exit_code: 4,
      error: { code: 'quota', message: `Quota. ${canaries.join(' ')}` },
    })
    const person = record({
      status: 'needs_person',
      exit_code: 11,
      apply: {
        done: 20,
        no_effect: 0,
        stale: 0,
        failed: 1,
        unresolved: 2,
        cancelled: 0,
        merged_leads: 20,
        updated_leads: 0,
        opt_outs_kept: 3,
        differences: 0,
        calls: 40,
      },
    })
    const unknown = failed('unexpected', `Could not convert ${hostile}`)
    await tellRun(failed('export_refused'), teller)
    await tellRun(unknown, teller)
    await tellRun(paused, teller)
    await tellRun(waiting, teller)
    await tellRun(person, teller)
    await tellRun(record(), teller)
    await tellOverdue('no success since yesterday', teller)

    const bodies = web.bodies.map(
      (body) => JSON.parse(body) as Record<'event' | 'title', string>,
    )
    expect(bodies.map(({ event, title }) => `${event}: ${title}`)).toEqual([
      'failed: acme failed',
      'failed: acme failed',
      'paused: acme is paused and will continue',
      'review: A plan of acme waits for approval: 1,204 merges, 8,930 updates',
      'recovered: acme works again',
      'review: 3 rows of acme need a person',
      'recovered: Nothing of acme waits for a person any more',
      'overdue: acme is overdue',
    ])
    expect(bodies[0]).toMatchObject({
      version: 1,
      cause: 'failed:export_refused',
      next: 'pipeline log acme --level warn',
      facts: {
        owner: 'marketing-ops',
        safe: 'Nothing was sent to Marketo by this run. The warehouse is as it was before.',
        counts: '412,300 leads · 1,236 of 20,000 calls',
        by_when:
          'The next scheduled run, 2026-11-23 05:00 UTC, meets the same again.',
      },
    })
    expect(JSON.stringify(bodies[5])).toContain('is not known whether Marketo')
    expect(slack.bodies).toHaveLength(8)
    expect(smtp.mails).toHaveLength(8)
    expect(smtp.logins[0]).toContain('pa55w0rd-of-mail')
    expect(smtp.mails[0]).toContain('Subject: [pipeline] acme failed')

    const page = readFileSync(summary, 'utf8')
    expect(page.match(/^### /gm)).toHaveLength(8)
    const all = [
      ...web.bodies,
      ...slack.bodies,
      ...smtp.mails.map(decoded),
      page,
      ...written,
      log(),
      readFileSync(join(folder, 'alert.json'), 'utf8'),
    ]
    for (const canary of canaries) {
      expect(all.filter((text) => text.includes(canary))).toEqual([])
    }
    const ours = '<https://github.example/o/r/actions/runs/1|'
    const foreign = slack.bodies.join('').replaceAll(ours, '')
    expect(foreign).not.toMatch(/<!|<https/)
    expect(decoded(smtp.mails[0] ?? '')).toContain('actions/runs/1')
    expect(page).not.toMatch(/<!channel>|<https/)
    for (const line of written) {
      expect(line.match(/^::/gm)).toHaveLength(1)
      expect(line.split('\n')).toHaveLength(2)
    }
  })

  it('comes once per cause and hour in a storm, and counts', async () => {
    const web = await receiver()
    const { teller, pass } = world([hook('webhook', web.url)])
    for (let run = 0; run < 100; run += 1) {
      await tellRun(failed('same_cause'), teller)
      pass(0.5)
    }
    expect(web.bodies).toHaveLength(1)
    pass(15)
    await tellRun(failed('same_cause'), teller)
    expect(web.bodies).toHaveLength(2)
    // Whatever the causes, ten in an hour are enough for one pipeline.
    for (let run = 0; run < 50; run += 1) {
      await tellRun(failed(`cause_${run}`), teller)
    }
    expect(web.bodies.length).toBeLessThanOrEqual(12)
    pass(61)
    await tellRun(record(), teller)
    const last = web.bodies.at(-1) ?? ''
    expect(last).toContain('"event":"recovered"')
    expect(last).toContain('It was failing (151 times since 2026-11-22 05:10')
    await tellRun(record(), teller)
    expect(web.bodies.at(-1)).toBe(last)
  })

  it('tries three times, takes another way, and tells later what it could not', async () => {
    const slack = await receiver()
    const smtp = await mailServer()
    const { teller, pass, log } = world([
      hook('slack', slack.url),
      mail(smtp.url, ['done']),
    ])
    slack.answer = 503
    await tellRun(failed('outage'), teller)
    expect(slack.requests).toBe(3)
    expect(smtp.mails).toHaveLength(1)
    expect(log()).toContain('"event":"alert.failed","kind":"slack"')
    expect(log()).toContain('"event":"alert.sent","kind":"email"')

    // Nothing answers at all: the recovery waits until somebody can hear it.
    const alone = world([hook('slack', slack.url)])
    await tellRun(failed('outage'), alone.teller)
    await tellRun(record(), alone.teller)
    expect(slack.bodies).toEqual([])
    slack.answer = 200
    alone.pass(5)
    await tellRun(record(), alone.teller)
    expect(slack.bodies).toHaveLength(1)
    expect(slack.bodies[0]).toContain('acme works again')
    await slack.close()
    pass(61)
    await tellRun(failed('outage'), teller)
    expect(smtp.mails).toHaveLength(2)
  })

  it('follows no redirect and tries a refusal once', async () => {
    const elsewhere = await receiver()
    const web = await receiver()
    const { teller, log } = world([hook('webhook', web.url)])
    web.answer = 302
    await tellRun(failed('one'), teller)
    web.answer = 404
    await tellRun(failed('two'), teller)
    expect(web.requests).toBe(2)
    expect(elsewhere.requests).toBe(0)
    expect(log()).toContain('It redirects, which is not followed.')
    expect(log()).toContain('It answered 404.')
  })

  it('reaches no address inside the network, not even by a name', async () => {
    const { teller, log } = world([
      hook('webhook', 'https://192.168.0.1/x'),
      hook('slack', 'https://localhost/x'),
      hook('slack', 'https://ip6-localhost.localdomain./x'),
    ])
    await tellRun(failed('one'), teller)
    expect(log().match(/is an address inside a network/g)).toHaveLength(3)
  })

  it('is not about a run that a person stopped, nor about what nobody asked for', async () => {
    const web = await receiver()
    const { teller } = world([hook('webhook', web.url, ['review'])])
    const error = { code: 'stopped', message: 'The run was stopped.' }
    await tellRun(record({ status: 'paused', exit_code: 4, error }), teller)
    await tellRun(failed('x'), teller)
    await tellRun(record(), teller)
    expect(web.requests).toBe(0)
    await tellRun(waiting, teller)
    expect(web.bodies).toHaveLength(1)
  })

  it('survives memory that is damaged', async () => {
    const web = await receiver()
    const { teller, folder } = world([hook('webhook', web.url)])
    writeFileSync(join(folder, 'alert.json'), '{"open": [null]')
    await tellRun(failed('x'), teller)
    expect(web.bodies).toHaveLength(1)
  })
})
