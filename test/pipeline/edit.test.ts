import {
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { diffText, unified } from '../../src/pipeline/edit-diff.js'
import { type Edit, editText, valueOf } from '../../src/pipeline/edit-text.js'
import {
  createPipelineFile,
  proposeEdits,
  proposeText,
  saveText,
} from '../../src/pipeline/edit.js'
import { loadPipeline } from '../../src/pipeline/load.js'
import { readyRules } from '../../src/pipeline/ready-rules.js'
import { starterText } from '../../src/pipeline/starter.js'

const folders: string[] = []

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true })
})

async function fileWith(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pipeline-edit-'))
  folders.push(folder)
  const file = join(folder, 'acme.yml')
  await writeFile(file, text)
  return file
}

const demo = await readFile('pipelines/demo.yml', 'utf8')

/** Changed lines only, with their sign. */
function changes(before: string, ...edits: readonly Edit[]): string[] {
  return unified(diffText(before, editText(before, edits))).filter((line) =>
    /^[+-]/.test(line),
  )
}

const cases: readonly [string, Edit, readonly string[]][] = [
  ['a text', { path: ['owner'], value: 'ops' }, ['-owner: you', '+owner: ops']],
  [
    'a number on a line with others',
    { path: ['load', 'guardrails', 'merges'], value: 7 },
    [
      '-  guardrails: { merges: 5000, merge_share: 40%, updates: 50000, cluster_size: 10 }',
      '+  guardrails: { merges: 7, merge_share: 40%, updates: 50000, cluster_size: 10 }',
    ],
  ],
  [
    'a member of a list that is added',
    { path: ['groups'], value: ['demo', 'client:acme'] },
    ['-groups: [demo]', '+groups: [demo, client:acme]'],
  ],
  [
    'a list that is taken out',
    { path: ['groups'], value: undefined },
    ['-groups: [demo]'],
  ],
  [
    'one rule of many',
    { path: ['services', 'duplicate', 'match', 1], value: undefined },
    ['-      - same: [phone, last_name]'],
  ],
  [
    'a key behind another',
    {
      path: ['services', 'domain', 'enabled'],
      value: false,
      after: 'type',
    },
    ['+    enabled: false'],
  ],
  [
    'a list of a service, with a comma in its name',
    {
      path: ['services', 'hash', 'list'],
      value: { static: 'News, all' },
    },
    ['+    list: { static: "News, all" }'],
  ],
  [
    'a schedule where there was none',
    {
      path: ['schedule'],
      value: { cron: '*/5 * * * *', timezone: 'UTC', until: '07:00' },
    },
    ['+', '+schedule: { cron: "*/5 * * * *", timezone: UTC, until: "07:00" }'],
  ],
  [
    'an alert, by the path of what is in it',
    { path: ['alert'], value: [{ slack: '${HOOK}', on: ['failed'] }] },
    ['+', '+alert:', '+  - slack: ${HOOK}', '+    on: [failed]'],
  ],
  [
    'a word that becomes a mapping',
    { path: ['marketo'], value: { sandbox: { leads: 300 } } },
    ['-marketo: sandbox', '+marketo:', '+  sandbox: { leads: 300 }'],
  ],
]

describe('an edit of a pipeline file', () => {
  it.each(cases)('changes %s and nothing else', (_, edit, expected) => {
    expect(changes(demo, edit)).toEqual(expected)
  })

  it('keeps quotes, spacing, comments and CRLF around what changes', () => {
    const text =
      'a: \'x y\'    # one\r\nb:   "z"\t# two\r\n# three\r\nc: {d: 1,  e: 2} # four\r\n'
    expect(
      editText(text, [
        { path: ['a'], value: "it's" },
        { path: ['b'], value: 'w' },
        { path: ['c', 'e'], value: undefined },
        { path: ['f'], value: [1] },
      ]),
    ).toBe(
      "a: 'it''s'    # one\r\nb:   \"w\"\t# two\r\n# three\r\nc: {d: 1} # four\r\nf: [1]\r\n",
    )
  })

  it('takes a mapping out with the last of its keys', () => {
    const text = 'a: 1\nb:\n  c:\n    d: 1\ne: { f: { g: 1 } }\n'
    expect(editText(text, [{ path: ['b', 'c', 'd'], value: undefined }])).toBe(
      'a: 1\ne: { f: { g: 1 } }\n',
    )
    expect(editText(text, [{ path: ['e', 'f', 'g'], value: undefined }])).toBe(
      'a: 1\nb:\n  c:\n    d: 1\n',
    )
  })

  it.each(['a: &x { b: 1 }\nc: *x\n', 'a: 1\n<<: *nothing\n', 'a: [\n'])(
    'refuses to touch what it cannot change safely: %j',
    (text) => {
      const edit = { path: ['c', 'b'], value: 2 }
      expect(() => editText(text, [edit])).toThrow(/as text|edit the file/)
    },
  )

  it('leaves every comment and says what was wanted, at random', () => {
    let state = 7
    const random = (below: number) => {
      state = (state * 48271) % 2147483647
      return state % below
    }
    const words = ['x', '07:00', 'a, b', "it's", '#no', '50%', '*', 'yes', '']
    for (let round = 0; round < 150; round += 1) {
      const paths = leafPaths(valueOf(demo))
      const path = paths[random(paths.length)] ?? []
      const value = words[random(words.length)]
      const after = editText(demo, [{ path, value }])
      expect(after.match(/# .*/g)?.length).toBeGreaterThanOrEqual(
        value === undefined ? 0 : (demo.match(/# .*/g)?.length ?? 0),
      )
      const found = path.reduce<unknown>(
        (whole, part) => Reflect.get(Object(whole), part),
        valueOf(after),
      )
      expect(found).toBe(value)
    }
  })
})

describe('an edit at any place of a file', () => {
  it('takes out, sets and adds without touching another line', () => {
    const everywhere = allPaths(valueOf(demo))
    expect(everywhere.length).toBeGreaterThan(60)
    for (const [path, value] of everywhere) {
      expect(editText(demo, [{ path, value: undefined }])).not.toBe(demo)
      editText(demo, [{ path, value: { a: 'x: #', b: ['07:00'] } }])
      if (typeof value !== 'object' || value === null) continue
      const key = Array.isArray(value) ? value.length : 'added'
      const edit = { path: [...path, key], value: { deep: [1, { a: 'b, c' }] } }
      const lines = diffText(demo, editText(demo, [edit]))
        .flatMap((hunk) => hunk.lines)
        .filter(({ kind }) => kind === 'removed')
      // A list or mapping on one line is that line.
      expect(lines.length).toBeLessThan(2)
    }
  })
})

type Place = readonly (string | number)[]

function allPaths(value: unknown, path: Place = []): [Place, unknown][] {
  const members: [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : typeof value === 'object' && value !== null
      ? Object.entries(value)
      : []
  return members.flatMap(([key, item]) => [
    [[...path, key], item] satisfies [Place, unknown],
    ...allPaths(item, [...path, key]),
  ])
}

function leafPaths(
  value: unknown,
  path: readonly (string | number)[] = [],
): (readonly (string | number)[])[] {
  if (Array.isArray(value)) {
    return value.flatMap((item, at) => leafPaths(item, [...path, at]))
  }
  if (typeof value !== 'object' || value === null) return [path]
  return Object.entries(value).flatMap(([key, item]) =>
    leafPaths(item, [...path, key]),
  )
}

describe('a change that is shown first', () => {
  it('has the findings of the validator, with line and column', async () => {
    const file = await fileWith(demo)
    const change = await proposeEdits(file, [
      { path: ['schedule'], value: { cron: '61 * * * *' } },
    ])
    const line =
      change.after
        .split('\n')
        .findIndex((each) => each.startsWith('schedule:')) + 1
    expect(change.problems).toMatchObject([
      { line, column: 19, path: 'schedule.cron' },
    ])
    await expect(saveText(file, change)).rejects.toThrow('61')
    expect(await readFile(file, 'utf8')).toBe(demo)
  })

  it('refuses a secret that is written out', async () => {
    const file = await fileWith(demo)
    const { problems } = await proposeEdits(file, [
      { path: ['alert'], value: [{ slack: 'https://hooks.example/T1' }] },
    ])
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringContaining('is written out'),
    ])
  })

  it('is saved whole, with the rights that the file had', async () => {
    const file = await fileWith(demo)
    const change = await proposeEdits(file, [{ path: ['owner'], value: 'ops' }])
    await saveText(file, change)
    expect(await readFile(file, 'utf8')).toBe(change.after)
    expect((await stat(file)).mode & 0o777).toBe(0o644)
    expect(await readdir(join(file, '..'))).toEqual(['acme.yml'])
    const { pipeline } = await loadPipeline(file, {})
    expect(pipeline.owner).toBe('ops')
  })

  it('is refused once somebody else changed the file', async () => {
    const file = await fileWith(demo)
    const change = await proposeEdits(file, [{ path: ['owner'], value: 'ops' }])
    await writeFile(file, `${demo}# mine\n`)
    await expect(saveText(file, change)).rejects.toThrow(/by somebody else/)
    expect(await readFile(file, 'utf8')).toBe(`${demo}# mine\n`)
  })

  it('takes the text of a browser with the ends of lines that the file has', async () => {
    const file = await fileWith(demo)
    const typed = demo
      .replace('owner: you', 'owner: us')
      .replaceAll('\n', '\r\n')
    const { hunks, problems } = await proposeText(file, typed)
    expect(problems).toEqual([])
    expect(unified(hunks).filter((line) => /^[+-]/.test(line))).toEqual([
      '-owner: you',
      '+owner: us',
    ])
  })
})

describe('a service that is off', () => {
  it('is in no run, needs no variable, and may overlap another', async () => {
    const text = `marketo: sandbox
services:
  old:
    type: hash
    enabled: false
    write: { emailHash: { algorithm: hmac-sha256, key: "\${OLD_KEY}" } }
  new:
    type: hash
    write: { emailHash: {} }
`
    const { pipeline } = await loadPipeline(await fileWith(text), {})
    expect(pipeline.services.map(({ name }) => name)).toEqual(['new'])
  })

  it('is still checked', async () => {
    const text =
      'marketo: sandbox\nservices:\n  old: { type: hash, enabled: false }\n'
    await expect(loadPipeline(await fileWith(text), {})).rejects.toThrow(
      'write',
    )
  })
})

describe('a new pipeline file', () => {
  it('is written from the starter and from every ready rule', async () => {
    const file = await fileWith('')
    for (const from of [null, ...(await readyRules())]) {
      await rm(file)
      await createPipelineFile(
        file,
        await starterText('acme', { from, isSandbox: false }),
      )
      const { pipeline } = await loadPipeline(file, {}, { secrets: 'ignored' })
      expect(pipeline.marketo.kind).toBe('instance')
    }
  })

  it('never takes the place of one that is there', async () => {
    const file = await fileWith('mine\n')
    await expect(createPipelineFile(file, demo)).rejects.toThrow(
      /exists already/,
    )
    expect(await readFile(file, 'utf8')).toBe('mine\n')
    expect(await readdir(join(file, '..'))).toEqual(['acme.yml'])
  })

  it('is refused with the findings of the validator', async () => {
    const file = await fileWith('')
    await rm(file)
    await expect(createPipelineFile(file, 'marketo: sandbx\n')).rejects.toThrow(
      'acme.yml:1:1',
    )
  })
})
