import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import {
  expectFailure,
  hasRun,
  instance,
  leadFile,
  pipelineText,
  projectFor,
  startLine,
} from './bad-world.js'

const env = {
  TEST_ENDPOINT: 'http://127.0.0.1:9',
  TEST_CLIENT_ID: 'a-client-id',
  TEST_CLIENT_SECRET: 'never-to-be-printed-4711',
}

describe('a pipeline file that is wrong', () => {
  it.each([
    ['bad YAML', 'marketo: { endpoint: "x\n', /acme\.yml:\d+:\d+ .*YAML/],
    ['nothing', '', /acme\.yml:1:1 {2}the file must be a mapping/],
    [
      'an unknown key',
      pipelineText(['winner:', 'winer:']),
      /acme\.yml:\d+:5 {2}services\.people\.winer is not a key.*"winner"/,
    ],
    [
      'a missing key',
      pipelineText(['  client_id: ${TEST_CLIENT_ID}\n', '']),
      /marketo\.client_id is missing/,
    ],
    [
      'a variable that is not set',
      pipelineText(['${TEST_CLIENT_SECRET}', '${TEST_MISSING}']),
      /acme\.yml:4:18 .*TEST_MISSING, which is not set; set it/,
    ],
    [
      'a secret that is written out',
      pipelineText(['${TEST_CLIENT_SECRET}', env.TEST_CLIENT_SECRET]),
      /acme\.yml:4:18 .*written out; put it in an environment variable/,
    ],
  ])('is told by line and column: %s', async (_, text, words) => {
    const project = projectFor({ env })
    project.write('pipelines/acme.yml', text)
    expectFailure(await project.run(), 3, words)
    expect(existsSync(project.at('warehouse'))).toBe(false)
  })

  it('is not there at all', async () => {
    const project = projectFor({ env })
    expectFailure(
      await project.pipeline('run', 'acmee'),
      3,
      /There is no pipeline acmee .* Did you mean "acme"/,
    )
    expectFailure(await project.pipeline('run'), 3, 'Name a pipeline')
    expectFailure(await project.pipeline('run', 'group:x'), 3, 'group "x"')
    expectFailure(await project.pipeline('run', 'acme', '--fast'), 3, '--fast')
    const elsewhere = await project.pipeline(
      '--project-dir',
      'x',
      'run',
      'acme',
    )
    expectFailure(elsewhere, 3, 'cannot be read', '--project-dir')
  })
})

describe('a connection that is refused', () => {
  it('names the wrong credentials, and where the right ones are', async () => {
    const { env: right } = await instance()
    const wrong = { ...right, TEST_CLIENT_SECRET: 'wrong-secret-value' }
    const project = projectFor({ env: wrong })
    const ended = await project.run()
    expectFailure(ended, 5, /refused the client id and secret/, 'LaunchPoint')
    expect(ended.stderr).not.toContain('wrong-secret-value')
    const { stdout } = await project.pipeline('status', 'acme')
    expect(stdout).toMatch(/failed[^]*refused the client id and secret/)
  })

  it('names the permission that the API user lacks', async () => {
    const clients = [
      {
        id: 'a-client-id',
        secret: env.TEST_CLIENT_SECRET,
        user: 'api@x.example',
        permissions: [],
      },
    ]
    const project = projectFor(await instance({ clients }))
    const ended = await project.run()
    expectFailure(ended, 5, '603', 'Needed permission: Read-Only Lead')
    expect(project.halfWritten()).toEqual([])
  })

  it('pauses where nothing answers', async () => {
    const port = await freePort()
    const endpoint = `http://127.0.0.1:${port}`
    const project = projectFor({ env: { ...env, TEST_ENDPOINT: endpoint } })
    expectFailure(
      await project.run(),
      4,
      /could not be reached .*ECONNREFUSED/,
      'Check the endpoint in the pipeline file',
      'The same command continues',
    )
  })

  it('names the field that the instance does not have, and the nearest', async () => {
    const project = projectFor(await instance(), ['phone:', 'phoen:'])
    expectFailure(
      await project.run(),
      3,
      /acme\.yml:\d+:\d+ {2}services\.people\.survive\.phoen names the field phoen, which this instance does not have\. Nearest field.*phone/,
    )
    project.rules(['emailSha256:', 'emailSha265:'])
    expectFailure(await project.run(), 3, /Nearest field.*emailSha256/)
    project.rules(['type: dedupe', 'type: dedupe\n    list: { static: Nope }'])
    expectFailure(await project.run(), 3, 'no static list "Nope"', 'number in')
  })
})

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  await new Promise((done) => server.close(done))
  return typeof address === 'object' && address !== null ? address.port : 9
}

describe('an export that is not what it should be', () => {
  it('may be empty, and says what to check', async () => {
    const path = leadFile(0)
    const project = projectFor(
      await instance({ leads: { kind: 'file', path } }),
    )
    const { code, stdout, stderr } = await project.run()
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(stdout).toMatch(/no lead came from Marketo +check extract\.start/)
    expect(project.published().length).toBeGreaterThan(0)
    project.rules([startLine(5), 'fields: []'])
    expectFailure(await project.run(), 3, 'oldest lead', 'extract.start')
  })

  it('does not make every lead a deleted one by being empty once', async () => {
    const project = await hasRun()
    const before = project.published()
    const path = leadFile(0)
    const { env: other } = await instance({ leads: { kind: 'file', path } })
    const again = project.copy(other)
    const ended = await again.run()
    expectFailure(ended, 1, 'no lead at all, and 60 leads the time before')
    expect(ended.stderr).toContain('partitions')
    expect(ended.stderr).toContain('not touched')
    expect(again.published().equals(before)).toBe(true)
  })

  it('keeps rows with broken quotes apart and takes no lead for gone', async () => {
    const world = await instance()
    await world.fault({ kind: 'job-dirty', dirt: 'bare-quote' })
    const project = projectFor(world)
    const { code, stdout } = await project.run()
    expect(code).toBe(0)
    expect(stdout).toMatch(/59 leads .* 1 row set aside/)
    expect(stdout).toMatch(/1 row of the exports could not be read/)
    const command = /pipeline show acme --inline "(from raw\.reject)"/
    const sql = command.exec(stdout)?.[1] ?? ''
    const shown = await project.pipeline('show', 'acme', '--inline', sql)
    expect(shown.stdout.trim().split('\n')).toHaveLength(2)
  })

  it('is not used where it holds fewer records than Marketo counted', async () => {
    const world = await instance()
    await world.fault({ kind: 'job-dirty', dirt: 'row-count' })
    const project = projectFor(world)
    expectFailure(
      await project.run(),
      4,
      /not what Marketo announced \(60 records instead of 61\)/,
      'nothing of it was used',
      'the same command exports it anew',
    )
    await world.heal()
    expect((await project.runs()).extract?.rows).toBe(60)
    expect(project.halfWritten()).toEqual([])
  })
})

describe('a lead file for the sandbox', () => {
  it.each([
    ['nothing', '', 'it is empty'],
    ['no id', 'email\nperson1@quiet-lemur.example\n', "no column 'id'"],
    [
      'a broken quote',
      'id,email\n1,"person1"@quiet-lemur.example\n2,x',
      'a quote in it is not closed',
    ],
  ])('is refused without quoting it: %s', async (_, text, words) => {
    const project = projectFor({ env })
    project.write('bad.csv', text)
    const path = project.at('bad.csv')
    expectFailure(
      await project.pipeline('sandbox', '--leads', path),
      3,
      words,
      'a header of API names',
    )
  })
})

const mine = 'description: Mine. One row per lead.\nmaterialized: table\n'

describe('models that are wrong', () => {
  it.each([
    [
      'reads a file',
      "from read_csv('/etc/hostname')",
      /models\/mart\/mine\.sql reads from read_csv\(\)/,
    ],
    [
      'is not SQL',
      'select\n  id,,\nfrom {{ref "lead"}}',
      /models\/mart\/mine\.sql is not SQL .* \(line 2 of its compiled SQL\)/,
    ],
    [
      'reads a column that is not there',
      'select\n  id,\n  emial\nfrom {{ref "lead"}}',
      /models\/mart\/mine\.sql: .*"emial" not found.* \(line 3 of its/,
    ],
    [
      'cannot convert a value',
      'select cast(email as integer) as n from {{ref "lead"}}',
      /models\/mart\/mine\.sql: .*Could not convert string/,
    ],
  ])(
    'leave the published file as it was: a model %s',
    async (_, sql, words) => {
      const project = projectFor(await instance())
      writeFileSync(project.at('models/mart/mine.sql'), sql)
      writeFileSync(project.at('models/mart/mine.yml'), mine)
      const ended = await project.run()
      expectFailure(ended, 1, words, 'Nothing was planned or published')
      expect(ended.stderr).toContain('pipeline compile acme --select mine')
      expect(existsSync(project.at('warehouse/acme.duckdb'))).toBe(false)
      expect(project.files('plan', '')).toEqual([])
      expect(project.halfWritten()).toEqual([])
    },
  )

  it('fail their test before anything is planned or published', async () => {
    const world = await instance()
    const project = projectFor(world)
    writeFileSync(
      project.at('models/mart/mine.yml'),
      `${mine}tests:\n  - name: nobody\n    sql: from {{ref "mine"}}\n`,
    )
    writeFileSync(
      project.at('models/mart/mine.sql'),
      'select id from {{ref "lead"}}',
    )
    const ended = await project.run()
    expectFailure(
      ended,
      1,
      'The test nobody failed: 60 rows should not be there',
      'Nothing was planned or published',
      'pipeline show acme --test nobody',
    )
    expect(await world.merges()).toEqual([])
    expect(existsSync(project.at('warehouse/acme.duckdb'))).toBe(false)
    expect(project.files('plan', '')).toEqual([])
    const shown = await project.pipeline('show', 'acme', '--test', 'nobody')
    expect(shown.stdout.split('\n').length).toBeGreaterThan(5)
  })

  it.each([
    [
      'an unknown model',
      'select\n  id\nfrom {{ref "leed"}}',
      /models\/mart\/mine\.sql:3:6 {2}there is no model "leed"\. Did you mean "lead"/,
    ],
    [
      'open braces',
      'select id from {{ref "lead"}',
      /models\/mart\/mine\.sql:1:\d+ .*braces/,
    ],
  ])('are found before an export is spent: %s', async (_, sql, words) => {
    const project = projectFor(await instance())
    writeFileSync(project.at('models/mart/mine.sql'), sql)
    writeFileSync(project.at('models/mart/mine.yml'), mine)
    expectFailure(await project.run(), 3, words)
    expect(project.files('landing', '')).toEqual([])
  })

  it('are missing, or some of them', async () => {
    const project = projectFor(await instance())
    rmSync(project.at('models/load/load_merge.sql'))
    rmSync(project.at('models/load/load_merge.yml'))
    expectFailure(await project.run(), 3, '"load_merge"')
    rmSync(project.at('models/load'), { recursive: true })
    expectFailure(
      await project.run(),
      3,
      'lacks load_merge, load_merge_before, load_merge_survivor, load_update',
    )
    rmSync(project.at('models'), { recursive: true })
    expectFailure(
      await project.run(),
      3,
      /The models cannot be read from .*models .*--project-dir/,
    )
    expect(project.files('landing', '')).toEqual([])
  })
})
