import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startSandbox } from '../../src/sandbox/sandbox.js'
import {
  type Answer,
  Caller,
  codeOf,
  folder,
  leadFile,
  visitFile,
} from './caller.js'
import { ManualClock } from './manual-clock.js'

const leads = `id,email,firstName,leadScore
1,ann@x.example,Ann,5
2,twin@x.example,Bob,6
3,twin@x.example,Cid,7
`

const boundary = 'XyZ'

/** The text of a form with one file. */
function form(file: string, more: Record<string, string> = {}): string {
  const parts = Object.entries(more).map(
    ([name, value]) =>
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  const head = `Content-Disposition: form-data; name="file"; filename="l.csv"\r\nContent-Type: text/csv`
  return `${parts.join('')}--${boundary}\r\n${head}\r\n\r\n${file}\r\n--${boundary}--\r\n`
}

const type = `multipart/form-data; boundary=${boundary}`

async function send(
  caller: Caller,
  file: string,
  query = 'format=csv&lookupField=id',
): Promise<Answer> {
  const path = `/bulk/v1/leads.json?${query}`
  const headers = { 'content-type': type }
  const response = await caller.raw('POST', path, form(file), headers)
  return (await response.json()) as Answer
}

function batchOf(answer: Answer): string {
  return String(answer.result?.[0]?.['batchId'])
}

async function status(
  caller: Caller,
  batch: string,
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await caller.get(`/bulk/v1/leads/batch/${batch}.json`)
  return { ...(answer.result?.[0] ?? answer) }
}

async function notes(caller: Caller, batch: string, kind = 'failures') {
  const path = `/bulk/v1/leads/batch/${batch}/${kind}.json`
  return await (await caller.raw('GET', path)).text()
}

async function lead(caller: Caller, id: string) {
  const { leads: all } = await caller.state()
  return all.find((one) => one.id === id)
}

/** Submitted, and over a minute later. */
async function imported(
  caller: Caller,
  clock: ManualClock,
  file: string,
  query?: string,
) {
  const batch = batchOf(await send(caller, file, query))
  clock.advance(60_000)
  return { batch, ...(await status(caller, batch)) }
}

describe('a bulk import', () => {
  it('is queued, runs, and writes its rows', async () => {
    const { caller, clock } = await visitFile(leads)
    const answer = await send(caller, 'id,firstName\n1,Anna\n3,Cyd\n')
    expect(answer.result).toEqual([
      { batchId: 3001, importId: '3001', status: 'Queued' },
    ])
    expect(await status(caller, '3001')).toMatchObject({ status: 'Queued' })
    clock.advance(3000)
    expect(await status(caller, '3001')).toMatchObject({
      status: 'Importing',
      numOfLeadsProcessed: 0,
    })
    expect(await lead(caller, '1')).toMatchObject({ firstName: 'Ann' })
    clock.advance(60_000)
    expect(await status(caller, '3001')).toEqual({
      batchId: 3001,
      importId: '3001',
      status: 'Complete',
      numOfLeadsProcessed: 2,
      numOfRowsFailed: 0,
      numOfRowsWithWarning: 0,
      message: 'Import succeeded, 2 records imported (2 members)',
    })
    expect(await lead(caller, '1')).toMatchObject({ firstName: 'Anna' })
    expect(await lead(caller, '3')).toMatchObject({ firstName: 'Cyd' })
    expect(await notes(caller, '3001')).toBe(
      'id,firstName,Import Failure Reason\n',
    )
  })

  it('writes large files by and by', async () => {
    const many = Array.from({ length: 1000 }, (_, n) => n + 1)
    const { caller, clock } = await visitFile(
      `id,firstName\n${many.map((id) => `${id},A\n`).join('')}`,
    )
    await send(
      caller,
      `id,firstName\n${many.map((id) => `${id},B\n`).join('')}`,
    )
    clock.advance(12_000)
    const half = await status(caller, '3001')
    expect(half).toMatchObject({ status: 'Importing' })
    const done = Number(half['numOfLeadsProcessed'])
    expect(done).toBeGreaterThan(0)
    expect(done).toBeLessThan(1000)
    const changed = (await caller.state()).leads.filter(
      (one) => one['firstName'] === 'B',
    )
    expect(changed).toHaveLength(done)
  })

  it('by id updates only; other lookups also make leads', async () => {
    const { caller, clock } = await visitFile(leads)
    const byId = await imported(caller, clock, 'id,firstName\n1,A\n77,B\n')
    expect(byId).toMatchObject({
      status: 'Complete',
      numOfLeadsProcessed: 1,
      numOfRowsFailed: 1,
      message:
        'Import completed with errors, 1 records imported (1 members), 1 failed',
    })
    expect(await notes(caller, byId.batch)).toContain(
      "77,B,Lead '77' not found",
    )
    const file = 'email,firstName\nnew@x.example,N\ntwin@x.example,T\n,O\n'
    const byEmail = await imported(caller, clock, file, 'format=csv')
    expect(byEmail).toMatchObject({
      numOfLeadsProcessed: 1,
      numOfRowsFailed: 2,
    })
    expect((await caller.state()).leads).toHaveLength(4)
  })

  it('loses the column of an empty lookup value in the file of failures', async () => {
    const { caller, clock } = await visitFile(leads)
    const file = 'email,firstName\n,Nobody\ntwin@x.example,"a, ""b"""\n'
    const { batch } = await imported(caller, clock, file, 'format=csv')
    expect(await notes(caller, batch)).toBe(
      `email,firstName,Import Failure Reason
Nobody,Value for lookup field 'email' not found
twin@x.example,"a, ""b""",Multiple leads match the lookup criteria
`,
    )
  })

  it('leaves fields of blank cells alone, and takes null for a word', async () => {
    const { caller, clock } = await visitFile(leads)
    await imported(caller, clock, 'id,firstName,leadScore\n1,null,\n2,=1+1,9\n')
    expect(await lead(caller, '1')).toMatchObject({
      firstName: 'null',
      leadScore: 5,
    })
    expect(await lead(caller, '2')).toMatchObject({
      firstName: '=1+1',
      leadScore: 9,
    })
  })

  it('clears fields where the switches say so', async () => {
    const { caller, clock } = await visitFile(leads, {
      behaviour: { importBlank: 'clear', importNull: 'clear' },
    })
    await imported(caller, clock, 'id,firstName,leadScore\n1,null,\n')
    expect(await lead(caller, '1')).toMatchObject({
      firstName: null,
      leadScore: null,
    })
  })

  it('takes tabs and semicolons, quoted line ends, and the later of two rows', async () => {
    const { caller, clock } = await visitFile(leads)
    const tabs = 'id\tfirstName\r\n1\t"x\ny"\r\n1\tlast\r\n2\ta;b\r\n'
    await imported(caller, clock, tabs, 'format=tsv&lookupField=id')
    expect(await lead(caller, '1')).toMatchObject({ firstName: 'last' })
    const semicolons = 'id;firstName\n1;a,b\n2;"x;\ny"\n'
    await imported(caller, clock, semicolons, 'format=ssv&lookupField=id')
    expect(await lead(caller, '1')).toMatchObject({ firstName: 'a,b' })
    expect(await lead(caller, '2')).toMatchObject({ firstName: 'x;\ny' })
  })

  it('fails rows of a wrong type and whole files with an unknown column', async () => {
    const { caller, clock } = await visitFile(leads)
    const wrong = await imported(caller, clock, 'id,leadScore\n1,many\n2,3\n')
    expect(wrong).toMatchObject({ numOfLeadsProcessed: 1, numOfRowsFailed: 1 })
    const unknown = await imported(caller, clock, 'id,nothing\n1,x\n')
    expect(unknown).toMatchObject({
      status: 'Failed',
      numOfLeadsProcessed: 0,
      message: "Import failed, column 'nothing' is not a field",
    })
  })

  it('puts leads on a list, one import at a time', async () => {
    const { caller, clock } = await visitFile(leads)
    const query = 'format=csv&lookupField=id&listId=1004'
    await send(caller, 'id\n1\n2\n', query)
    expect(codeOf(await send(caller, 'id\n3\n', query))).toBe('1019')
    clock.advance(60_000)
    const { lists } = await caller.state()
    const list = lists.find(({ id }) => id === 1004)
    expect(list?.members).toEqual(expect.arrayContaining(['1', '2']))
    expect(codeOf(await send(caller, 'id\n3\n', query))).toBeUndefined()
  })

  it.each([
    ['1002', 'id\n1\n', 'lookupField=id'],
    ['1001', 'id\n1\n', 'format=xls'],
    ['1003', 'id\n', 'format=csv&lookupField=id'],
    ['1006', 'id\n1\n', 'format=csv&lookupField=nothing'],
    ['1011', 'id\n1\n', 'format=csv&lookupField=firstName'],
    ['1013', 'id\n1\n', 'format=csv&lookupField=id&listId=9'],
    ['1010', 'id\n1\n', 'format=csv&lookupField=id&partitionName=None'],
  ])('is refused with %s for %j and %s', async (code, file, query) => {
    const { caller } = await visitFile(leads)
    expect(codeOf(await send(caller, file, query))).toBe(code)
  })

  it('is refused without a form, and above its size', async () => {
    const { caller } = await visitFile(leads, { limits: { importBytes: 2000 } })
    const path = '/bulk/v1/leads.json?format=csv'
    expect(codeOf(await caller.post(path, {}))).toBe('612')
    const headers = { 'content-type': type }
    const broken = await caller.raw('POST', path, 'no form', headers)
    expect(codeOf((await broken.json()) as Answer)).toBe('613')
    const large = form(`id\n${'1\n'.repeat(1000)}`)
    expect((await caller.raw('POST', path, large, headers)).status).toBe(413)
  })
})

describe('the queue of imports', () => {
  it('runs two at a time, in order, and holds ten', async () => {
    const { caller, clock } = await visitFile(leads)
    for (let n = 0; n < 10; n++) await send(caller, 'id,firstName\n1,A\n')
    const refused = await send(caller, 'id,firstName\n1,A\n')
    expect(refused.errors?.[0]).toEqual({
      code: '1016',
      message:
        'There are 10 imports currently being processed. Please try again later',
    })
    clock.advance(3000)
    const states = async () => {
      const all = []
      for (let n = 3001; n <= 3010; n++) {
        all.push((await status(caller, String(n)))['status'])
      }
      return all.map((state) => String(state).charAt(0)).join('')
    }
    expect(await states()).toBe('IIQQQQQQQQ')
    clock.advance(20_000)
    expect(await states()).toBe('CCIIQQQQQQ')
    expect(codeOf(await send(caller, 'id\n1\n'))).toBeUndefined()
  })

  it('forgets a batch after seven days, and never knew others', async () => {
    const { caller, clock } = await visitFile(leads)
    const { batch } = await imported(caller, clock, 'id,firstName\n1,A\n')
    clock.advance(7 * 86_400_000)
    caller.forgetToken()
    const path = `/bulk/v1/leads/batch/${batch}.json`
    expect(codeOf(await caller.get(path))).toBe('1013')
    expect(codeOf(await caller.get('/bulk/v1/leads/batch/1.json'))).toBe('1013')
  })

  it('tells no failures before the end', async () => {
    const { caller } = await visitFile(leads)
    const batch = batchOf(await send(caller, 'id\n1\n'))
    const path = `/bulk/v1/leads/batch/${batch}/failures.json`
    expect(codeOf(await caller.get(path))).toBe('1003')
  })
})

describe('a state file', () => {
  it('keeps an import that is under way, with its file', async () => {
    const state = join(folder(), 'world')
    const path = leadFile(leads)
    const begin = async (time: string) => {
      const clock = new ManualClock(time)
      const options = { leads: { kind: 'file', path }, state, clock } as const
      return { caller: new Caller(await startSandbox(options)), clock }
    }
    const first = await begin('2026-11-20T15:00:00Z')
    await send(first.caller, 'id,firstName\n2,Kept\n')
    await first.caller.sandbox.close()
    const { caller, clock } = await begin('2026-11-20T15:00:05Z')
    expect(await status(caller, '3001')).toMatchObject({ status: 'Importing' })
    clock.advance(60_000)
    expect(await status(caller, '3001')).toMatchObject({ status: 'Complete' })
    expect(await lead(caller, '2')).toMatchObject({ firstName: 'Kept' })
    await caller.sandbox.close()
  })
})

describe('faults of imports', () => {
  it('fail a part of the rows, warn of others, or end the whole', async () => {
    const { caller, clock } = await visitFile(leads)
    const file = 'id,firstName\n1,X\n2,X\n3,X\n'
    await caller.faults([
      { kind: 'import-rows-failed', every: 2, match: { nth: 1 } },
      {
        kind: 'import-rows-warned',
        every: 3,
        reason: 'Odd',
        match: { nth: 2 },
      },
      { kind: 'import-failed', rows: 1, match: { nth: 3 } },
    ])
    const part = await imported(caller, clock, file)
    expect(part).toMatchObject({ numOfLeadsProcessed: 2, numOfRowsFailed: 1 })
    expect(await notes(caller, part.batch)).toContain('2,X,Row could not')
    const warned = await imported(caller, clock, file)
    expect(warned).toMatchObject({ numOfRowsWithWarning: 1 })
    expect(await notes(caller, warned.batch, 'warnings')).toBe(
      'id,firstName,Import Warning Reason\n3,X,Odd\n',
    )
    const ended = await imported(caller, clock, 'id,firstName\n1,Y\n2,Y\n')
    expect(ended).toMatchObject({ status: 'Failed', numOfLeadsProcessed: 1 })
    expect(await lead(caller, '1')).toMatchObject({ firstName: 'Y' })
    expect(await lead(caller, '2')).toMatchObject({ firstName: 'X' })
  })

  it('lose the answer, and take effect later', async () => {
    const { caller, clock } = await visitFile(leads)
    await caller.faults([
      {
        kind: 'reset-after',
        match: { endpoint: 'bulk/v1/leads.json', nth: 1 },
      },
    ])
    await expect(send(caller, 'id,firstName\n1,Z\n')).rejects.toThrow()
    expect(await lead(caller, '1')).toMatchObject({ firstName: 'Ann' })
    clock.advance(60_000)
    expect(await lead(caller, '1')).toMatchObject({ firstName: 'Z' })
  })

  it('hold an import in its state for a time', async () => {
    const { caller, clock } = await visitFile(leads)
    await caller.faults([
      { kind: 'import-stuck', seconds: 3600, match: { nth: 1 } },
      { kind: 'import-stuck', state: 'Queued', match: { nth: 2 } },
    ])
    await send(caller, 'id,firstName\n1,L\n')
    await send(caller, 'id,firstName\n1,M\n')
    clock.advance(600_000)
    expect(await status(caller, '3001')).toMatchObject({ status: 'Importing' })
    clock.advance(3_100_000)
    caller.forgetToken()
    expect(await status(caller, '3001')).toMatchObject({ status: 'Complete' })
    expect(await status(caller, '3002')).toMatchObject({ status: 'Queued' })
  })
})
