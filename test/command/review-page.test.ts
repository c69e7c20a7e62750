import { createHash } from 'node:crypto'
import { createContext, runInContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { reviewCsv } from '../../src/command/review-csv.js'
import { reviewPage } from '../../src/command/review-page.js'
import { reviewScript } from '../../src/command/review-script.js'
import { readCsv } from '../../src/pipeline/csv.js'
import { parseDecisions } from '../../src/pipeline/decision.js'
import type { ReviewItem, ReviewRecord } from '../../src/run/review.js'

const hostile = [
  '</td><script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onfocus='alert(1)",
  '&lt;already&gt;',
  '=HYPERLINK("http://evil.example")',
  '+46701234567',
  '-1',
  '@sum(1)',
  'two\nlines, "quoted"; and\ttabs',
  '\u202egnp.exe\u0000\u001b[31m',
]

const item: ReviewItem = {
  item: 'people:1',
  kind: 'cluster',
  service: 'people',
  reason: '2 of its <b>leads</b> live in the CRM',
  probability: null,
  leads: 3,
  leadIds: ['1', '2', '3'],
}

const records = new Map<string, ReviewRecord>(
  item.leadIds.map((id, index) => [
    id,
    {
      id,
      values: {
        company: 'Acme',
        ...Object.fromEntries(
          hostile.map((value, n) => [`field${n}`, `${value}${index}`]),
        ),
      },
    },
  ]),
)

const page = reviewPage({ name: 'acme', items: [item], records })

describe('the review page', () => {
  it('shows hostile values as text: nothing of them is markup', () => {
    const tags = new Set(
      [...page.matchAll(/<\/?([a-z0-9]+)/gi)].map((match) => match[1]),
    )
    expect([...tags].toSorted((a = '', b = '') => (a < b ? -1 : 1))).toEqual(
      'body button code div fieldset footer h1 h2 head html input label legend meta option p script section select span style table tbody td th thead title tr'.split(
        ' ',
      ),
    )
    expect(page.match(/<script/g)).toHaveLength(1)
    expect(page.replace(reviewScript, '')).not.toMatch(/<[^>]+ on[a-z]+=/i)
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;')
    expect(page).toContain('2 of its &lt;b&gt;leads&lt;/b&gt; live')
    expect(page).not.toContain('\u0000')
    expect(page).not.toContain('\u001b')
  })

  it('may load nothing and send nothing, and runs its own script only', () => {
    const hash = createHash('sha256').update(reviewScript).digest('base64')
    expect(page).toContain(
      `content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'"`,
    )
    expect(page).toContain(`<script>${reviewScript}</script>`)
    expect(page).not.toMatch(/\b(src|href)\s*=\s*["']?(https?:|\/\/)/i)
    expect(reviewScript).not.toMatch(/fetch|XMLHttp|innerHTML|eval|http/)
  })

  it('marks the fields that differ, in a sign and not in colour alone', () => {
    expect(page).toMatch(/class="alike"><th scope="row">company<\/th>/)
    expect(page).toMatch(
      /class="differs"><th scope="row">field0 <span class="mark" title="differs">≠</,
    )
  })

  it('lets nobody decide leads that are not shown', () => {
    const giant = { ...item, leads: 5000 }
    const shown = reviewPage({ name: 'acme', items: [giant], records })
    expect(shown).not.toContain('value="same"')
    expect(shown).toContain('4,997 leads more not shown')
  })
})

interface Chosen {
  readonly item: string
  readonly leads: readonly string[]
  readonly choice: string
  readonly winner: string
  readonly people: readonly string[]
  readonly reason: string
}

/** What the page's own script makes of what was chosen. */
function downloaded(chosen: readonly Chosen[], author: string): string {
  const context = createContext({ chosen, author })
  runInContext(reviewScript, context)
  return String(runInContext('decisionCsv(chosen, author)', context))
}

describe('what the page downloads', () => {
  const plain: Chosen = {
    item: 'people:1',
    leads: ['1', '2', '3'],
    choice: 'same',
    winner: '2',
    people: ['1', '1', '2'],
    reason: 'said "yes", twice',
  }

  it('is a file of decisions', () => {
    const text = downloaded(
      [
        plain,
        { ...plain, item: 'people:4', choice: 'some' },
        { ...plain, item: 'people:5', choice: '' },
        { ...plain, item: 'people:6', choice: 'different' },
      ],
      'Zoë',
    )
    const decisions = parseDecisions(text, 'd.csv')
    expect(
      decisions.map((each) => [
        each.item,
        each.verdict,
        each.pair,
        each.winner,
      ]),
    ).toEqual([
      ['people:1', 'same', null, '2'],
      ['people:4', 'same', ['1', '2'], null],
      ['people:4', 'different', ['1', '3'], null],
      ['people:4', 'different', ['2', '3'], null],
      ['people:6', 'different', null, null],
    ])
    expect(decisions[0]).toMatchObject({
      author: 'Zoë',
      reason: 'said "yes", twice',
    })
  })
})

describe('the review spreadsheet', () => {
  const csv = reviewCsv({ items: [item], records })

  it('begins no cell with a formula and keeps every value readable', () => {
    const cells = readCsv(csv).rows.flatMap(({ cells: row }) => row)
    expect(cells.filter(({ text }) => /^[=+\-@\t|%]/.test(text))).toEqual([])
    expect(cells.map(({ text }) => text)).toContain("'+467012345670")
    expect(csv.startsWith('\uFEFFitem,decision,winner,reason,author,')).toBe(
      true,
    )
  })

  it('comes back as decisions once it is filled in, blank lines ignored', () => {
    const filled = csv.replace('people:1,,,', 'people:1,same,2,"it is, yes"')
    expect(parseDecisions(filled, 'd.csv')).toMatchObject([
      { item: 'people:1', verdict: 'same', winner: '2', reason: 'it is, yes' },
    ])
  })
})
