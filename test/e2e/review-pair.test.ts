import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { csvLine } from '../../src/pipeline/csv.js'
import type { ReviewItem, ReviewQueue } from '../../src/run/review.js'
import { type Finished, pipeline, project } from './support.js'

const acme = `
marketo: { sandbox: { from: leads.csv }, time_scale: 1000 }
services:
  people:
    type: dedupe
    match: auto
    auto: { review: 20% }
load:
  apply: review
  guardrails: { merges: 5000, merge_share: 90% }
`

const first =
  'Ada Bruno Celia Dario Edith Falk Greta Hugo Irma Jonas Karin Lothar'.split(
    ' ',
  )
const last =
  'Ahlborn Bergquist Castellani Dombrowski Eklund Fontaine Grabowski'.split(' ')

interface Lead {
  readonly id: number
  readonly person: number
  readonly email: string
  readonly phone: string
}

/** A person's lead; another mailbox and phone make it a doubtful one. */
function row({ id, person, email, phone }: Lead): string {
  const name = [first[person % first.length], last[person % last.length]]
  const at = '2026-10-01T08:00:00Z'
  return csvLine([String(id), email, ...name.map(String), phone, at, at])
}

const one = (id: number, person: number, mark: string): Lead => ({
  id,
  person,
  email: `p${person * 7919}${mark}@host${person}.example`,
  phone: `+46 70 ${1_000_000 + person * 7919 + mark.length * 313_377}`,
})

/** Forty people; fifteen are there twice alike, six doubtfully. */
function leads(): string {
  const people = Array.from({ length: 40 }, (_, person) => person)
  const all = [
    ...people.map((person) => one(101 + person, person, '')),
    ...people.slice(0, 15).map((person) => one(201 + person, person, '')),
    ...people.slice(20, 26).map((person) => one(301 + person, person, 'x')),
  ]
  const header = 'id,email,firstName,lastName,phone,createdAt,updatedAt'
  return `${[header, ...all.map(row)].join('\n')}\n`
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
function json<T>({ stdout, stderr }: Finished): T {
  expect(stderr).toBe('')
  return JSON.parse(stdout) as T
}

type Command = (...args: readonly string[]) => Promise<Finished>

/** What a plan would merge, who is in a cluster, and what is asked. */
async function found(run: Command): Promise<Record<string, string[]>> {
  const shown = json<{ rows: { kind: string; line: string }[] }>(
    await run(
      '--json',
      'show',
      'acme',
      '--limit',
      '1000',
      '--inline',
      `select 'merge' as kind, format('{} {} {}', least(winner_id, loser_ids[1]), greatest(winner_id, loser_ids[1]), array_to_string(rules, '+')) as line
       from load.load_merge
       union all
       select 'member', cast(lead_id as varchar) from dedupe.cluster_member
       union all
       select 'asked', array_to_string(lead_ids, ' ') from main.review_queue
       where not is_decided`,
    ),
  )
  const of = (wanted: string) =>
    shown.rows.filter(({ kind }) => kind === wanted).map(({ line }) => line)
  return { merge: of('merge'), member: of('member'), asked: of('asked') }
}

const queued = async (run: Command) =>
  json<ReviewQueue>(await run('--json', 'review', 'acme', '--limit', '500'))

const ids = ({ leadIds }: ReviewItem) => leadIds.join(' ')

describe('doubtful pairs of a pipeline that matches by probability', () => {
  it('are asked once: same merges, different is for good, exclude ends it', async () => {
    const folder = project({ acme })
    writeFileSync(join(folder, 'pipelines', 'leads.csv'), leads())
    const run: Command = (...args) =>
      pipeline(['--project-dir', folder, ...args])

    const planned = await run('--quiet', 'run', 'acme')
    expect(planned.code).toBe(0)
    expect(existsSync(join(folder, 'pipelines/acme.match.json'))).toBe(true)
    const queue = await queued(run)
    const pairs = queue.items.filter(({ kind }) => kind === 'pair')
    const doubtful = pairs.filter((item) => item.leadIds[1]?.startsWith('3'))
    expect(doubtful).toHaveLength(6)
    for (const item of pairs) {
      expect(item.item).toBe(`people:${item.leadIds.join('-')}`)
      expect(item.probability).toBeGreaterThanOrEqual(0.2)
      expect(item.reason).toMatch(/same (first|last) name/)
    }
    const [she, two, three] = doubtful
    if (she === undefined || two === undefined || three === undefined) return

    // Records side by side, and back as a file; one is decided directly.
    await run('review', 'acme', '--html', join(folder, 'r.html'))
    const page = readFileSync(join(folder, 'r.html'), 'utf8')
    expect(page).toContain(`data-item="${she.item}"`)
    const file = join(folder, 'd.csv')
    writeFileSync(
      file,
      `item,decision,reason\n${she.item},same,called her\n${two.item},different,father and son\n`,
    )
    expect((await run('review', 'acme', '--import', file)).code).toBe(0)
    const decide = ['--decide', three.item, '--as', 'same']
    expect((await run('review', 'acme', ...decide)).code).toBe(0)
    const left = await queued(run)
    expect(left).toMatchObject({ total: queue.total - 3, decided: 3 })
    const labels = readFileSync(
      join(folder, 'pipelines/acme.label.csv'),
      'utf8',
    )
    expect(labels).toContain(String(she.probability))

    // A lead that is there twice, taken out of matching by hand.
    const override = join(folder, 'pipelines/acme.override.csv')
    const said = readFileSync(override, 'utf8').trimEnd()
    writeFileSync(override, `${said}\nexclude,201,,,,ana,test record,\n`)

    const second = await run('plan', 'acme')
    expect(second.stderr).toBe('')
    expect(second.stdout).toMatch(
      /people: 1,770 pairs compared, \d+ sure enough to merge, \d+ left for review\./,
    )
    const { merge = [], member = [], asked } = await found(run)
    expect(merge).toContain(`${ids(she)} a person said so`)
    expect(merge).toContain(`${ids(three)} a person said so`)
    expect(merge.filter((line) => line.startsWith(ids(two)))).toEqual([])
    // Fifteen but the one that was taken out.
    expect(merge.filter((line) => / same by 97 %/.test(line))).toHaveLength(14)
    expect(merge).not.toContain('101 201 same by 97 % or more')
    expect(member).toContain('102')
    expect(member).not.toContain('201')
    expect(asked).toHaveLength(left.total)
    expect(asked).not.toContain(ids(two))
  }, 300_000)
})
