/** Texts that become something else where a page is careless: 500 of them. */
import { writeFileSync } from 'node:fs'
import { csvLine } from '../../src/pipeline/csv.js'

/** `N` is a number of its own for each text. */
const forms = [
  '<script>hit(N)</script>',
  '<img src=x onerror=hit(N)>',
  '<svg onload=hit(N)>',
  '"><script>hit(N)</script>',
  "'><img src=x onerror=hit(N)>",
  '" onmouseover="hit(N)" x="',
  "' onfocus='hit(N)' autofocus x='",
  '` onclick=`hit(N)',
  '</title><script>hit(N)</script>',
  '</textarea><script>hit(N)</script>',
  '</select><svg onload=hit(N)>',
  '</td></tr></table><img src=x onerror=hit(N)>',
  '<!-- --><img src=x onerror=hit(N)><!--',
  '--><script>hit(N)</script>',
  '<style>@import "http://evil.example/N"</style>',
  '<link rel=stylesheet href=http://evil.example/N>',
  '<meta http-equiv=refresh content="0;url=http://evil.example/N">',
  '<base href=http://evil.example/N/>',
  '<iframe srcdoc="<script>parent.hit(N)</script>">',
  '<object data=http://evil.example/N>',
  '<form action=http://evil.example/N><button>x',
  '<a href=javascript:hit(N)>x</a>',
  'javascript:hit(N)',
  'data:text/html,<script>hit(N)</script>',
  '&lt;script&gt;hit(N)&lt;/script&gt;',
  '\\u003cscript\\u003ehit(N)\\u003c/script\\u003e',
  '<ScRiPt >hit(N)</sCrIpT >',
  '<<script>hit(N);//<</script>',
  '{{constructor.constructor "hit(N)"}}',
  '{{{hit N}}} {{#each this}}N{{/each}}',
  '${hit(N)} #{hit(N)}',
  '=HYPERLINK("http://evil.example/N","x")',
  '+hit(N)',
  '-2+3+cmd|hit!N',
  '@SUM(N)*cmd',
  '\tN tab',
  '"N "quoted" text',
  "O'N; drop table lead; --",
  '\u202eN txt.exe',
  'N line\nbreak',
]

const count = 500

export const hostileValues: readonly string[] = Array.from(
  { length: count },
  (_, index) => {
    const form = forms[index % forms.length] ?? ''
    return form.replaceAll('N', String(index + 1000))
  },
)

const fields = [
  'firstName',
  'lastName',
  'title',
  'city',
  'state',
  'leadSource',
  'leadStatus',
  'address',
  'salutation',
  'department',
] as const

/** Fifty people, every value hostile, and each with a double: a CSV. */
export function writeHostileLeads(file: string, now: number): void {
  const header = [
    'id',
    'createdAt',
    'updatedAt',
    'email',
    ...fields,
    'leadScore',
    'unsubscribed',
  ]
  const people = count / fields.length
  const rows = Array.from({ length: people * 2 }, (_, index) => {
    const person = index % people
    const at = new Date(now - (index + 48) * 3_600_000)
    const time = at.toISOString().replace(/\.\d+Z$/, 'Z')
    const own = hostileValues.slice(
      person * fields.length,
      (person + 1) * fields.length,
    )
    // The double differs, so that a plan has to choose.
    const values = index < people ? own : own.map((text) => `${text} `)
    return [
      String(1000 + index),
      time,
      time,
      `person${person}@example.com`,
      ...values,
      String(index),
      index % 7 === 0 ? 'true' : 'false',
    ]
  })
  writeFileSync(
    file,
    `${[header, ...rows].map((row) => csvLine(row)).join('\n')}\n`,
  )
}
