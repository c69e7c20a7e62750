import { randomBytes } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { describe, expect, it } from 'vitest'
import { lockFolder } from '../../src/warehouse/lock.js'
import {
  expectFailure,
  hasRun,
  instance,
  leadFile,
  limited,
  pipelineText,
  type Project,
  projectFor,
  signalled,
  startLine,
} from './bad-world.js'
import { newestLog, start } from './support.js'

const garbage = () => randomBytes(20_000)

describe('a disk that is full', () => {
  it('ends the run with its reason, and the next one is whole', async () => {
    const project = projectFor(await instance())
    const args = ['--project-dir', project.folder, 'run', 'acme']
    expectFailure(
      await limited(100, args, project.env),
      6,
      'stopped because a file may not grow any larger',
      'Nothing half-written was kept',
      'run the same command again',
    )
    expect(project.halfWritten()).toEqual([])
    expect(existsSync(project.at('warehouse/acme.duckdb'))).toBe(false)
    const { apply } = await project.runs()
    expect(apply?.merged_leads).toBe(12)
    expect(readdirSync(project.inside()).join()).not.toContain('.bad-')
  })

  it('is told from a place where something else is', async () => {
    const project = projectFor(await instance())
    writeFileSync(project.at('warehouse'), '')
    const said = /a file is in the place of a folder \(.*warehouse/
    expectFailure(await project.run(), 6, said, 'move it away')
  })
})

describe('a second command at the same time', () => {
  it('is told who is at work and where to look', async () => {
    const project = await hasRun()
    const held = await lockFolder(project.inside())
    try {
      const args = ['--project-dir', project.folder]
      const words = [
        `in use by another process (pid ${process.pid})`,
        'pipeline status acme shows how far it is',
      ]
      const other = await start([...args, 'run', 'acme'], project.env).finished
      expectFailure(other, 9, ...words)
      for (const verb of ['build', 'test', 'compile', 'apply', 'extract']) {
        expectFailure(await project.pipeline(verb, 'acme'), 9, ...words)
      }
      const shown = await project.pipeline('show', 'acme', 'lead')
      expectFailure(shown, 9, ...words)
    } finally {
      await held.release()
    }
    expect((await project.pipeline('show', 'acme', 'lead')).code).toBe(0)
  })
})

it('a pipeline that is in use does not keep the others from running', async () => {
  const project = await hasRun()
  project.write('pipelines/zeta.yml', pipelineText())
  const held = await lockFolder(project.inside())
  try {
    const ended = await project.pipeline('run', '--all')
    expectFailure(ended, 9, 'The pipeline acme', 'in use')
    expect(ended.stdout).toMatch(/zeta · run [^]*publish .*zeta\.duckdb/)
  } finally {
    await held.release()
  }
})

describe('a file that is damaged', () => {
  it('is set aside where it is the build file, and built anew', async () => {
    const project = await hasRun()
    writeFileSync(project.inside('build.duckdb'), garbage())
    const shown = await project.pipeline('show', 'acme', 'lead')
    expectFailure(shown, 1, 'is damaged', 'pipeline run acme builds it anew')

    writeFileSync(project.inside('build.duckdb'), garbage())
    writeFileSync(project.at('warehouse/acme.duckdb'), garbage())
    const { code, stdout } = await project.run()
    expect(code).toBe(0)
    expect(stdout).toMatch(/could not be read, so it was moved to .*\.bad-\d+/)
    expect(project.published().toString('latin1', 8, 12)).toBe('DUCK')
    const inline = 'select count(*) as leads from lead where not is_deleted'
    const counted = await project.pipeline('show', 'acme', '--inline', inline)
    expect(counted.stdout).toContain('48')
  })

  it('does not hide the others where it is a record or a log', async () => {
    const project = await hasRun()
    const [record = ''] = project.files('log', '.json')
    const [log = ''] = project.files('log', '.jsonl')
    for (const text of ['{"run_id": "x', 'null', '{"a":1}']) {
      writeFileSync(record, text)
      const { code, stdout } = await project.pipeline('status', 'acme')
      expect(stdout).toContain(`The record ${record} is damaged`)
      expect(code).toBe(0)
    }
    writeFileSync(log, '\u0000garbage\n')
    const shown = await project.pipeline('log', 'acme')
    expect(shown.stderr).toMatch(/1 line of .* cannot be read and is left out/)
    expect(shown.code).toBe(0)
    await project.runs()
    const after = await project.pipeline('status', 'acme')
    expect(after.stdout).toMatch(/· done ·[^]*is damaged and left out/)
  })

  it('stops everything where it is a journal', async () => {
    const project = await hasRun()
    const journal = project
      .files('journal', '.jsonl')
      .find((path) => /[0-9a-f]{12}\.jsonl$/.test(path))
    const text = readFileSync(journal ?? '', 'utf8')
    writeFileSync(journal ?? '', text.replace('"done"', '"stale"'))
    const words = [
      /The journal .*\.jsonl is damaged at line \d+/,
      'Nothing was sent; restore the file',
    ]
    expectFailure(await project.run(), 8, ...words)
    const { code, stdout } = await project.pipeline('status', 'acme')
    expect(code).toBe(8)
    expect(stdout).toContain('is damaged at line')
    // What a crash tears off the end is no damage.
    writeFileSync(journal ?? '', `${text}{"kind":"int`)
    await project.runs()
  })

  it('is exported again where it is a landed file of a run that was stopped', async () => {
    const path = leadFile(60, [3, 40, 75])
    const world = await instance({ leads: { kind: 'file', path } })
    const stopped = projectFor(world, [startLine(5), startLine(80)])
    const slow = { kind: 'slow', seconds: 5000 }
    const second = { endpoint: 'file\\.json', after: 1 }
    await world.fault({ ...slow, match: second })
    const parquet = () =>
      existsSync(stopped.inside('landing'))
        ? readdirSync(stopped.inside('landing'), { recursive: true })
            .map(String)
            .filter((name) => name.endsWith('.parquet'))
        : []
    const paused = await signalled(
      stopped,
      'SIGTERM',
      () => parquet().length > 0,
    )
    expectFailure(
      paused,
      4,
      'The run was stopped',
      'pipeline run acme continues',
    )
    const file = stopped.inside('landing', parquet()[0] ?? '')
    writeFileSync(file, randomBytes(statSync(file).size))
    await world.heal()
    const record = await stopped.runs()
    expect(record.extract?.rows).toBe(60)
    expect(stopped.halfWritten()).toEqual([])
  })
})

/** The plan was begun, durably. */
const applying = (project: Project) => () =>
  newestLog(project.folder, 'acme').includes('"step":"apply"') &&
  project
    .files('journal', '.jsonl')
    .some((path) => readFileSync(path, 'utf8').includes('"kind":"begin"'))

describe('a run that is interrupted while it applies', () => {
  const slowMerge = {
    kind: 'slow',
    seconds: 1500,
    match: { endpoint: 'merge' },
  }
  it('says so, and the next one sends nothing twice', async () => {
    const world = await instance()
    const project = projectFor(world)
    await world.fault({ ...slowMerge, match: { endpoint: 'merge', nth: 3 } })
    const merged = async () => (await world.merges()).length
    const paused = await signalled(project, 'SIGINT', applying(project))
    expectFailure(
      paused,
      4,
      'The run was stopped',
      /applied +\d+ of \d+ rows done in Marketo; pipeline run acme goes on/,
    )
    expect(await merged()).toBeLessThan(12)
    const { stdout } = await project.pipeline('status', 'acme')
    expect(stdout).toMatch(/paused[^]*plan [0-9a-f]{12} is not finished/)
    await project.runs()
    const merges = await world.merges()
    expect(merges).toHaveLength(12)
    expect(new Set(merges).size).toBe(12)
  })

  it('is called killed where it was, and continued', async () => {
    const world = await instance()
    const project = projectFor(world)
    await world.fault(slowMerge)
    const { signal } = await signalled(project, 'SIGKILL', applying(project))
    expect(signal).toBe('SIGKILL')
    const { stdout, code } = await project.pipeline('status', 'acme')
    expect(stdout).toMatch(/· killed ·[^]*apply +killed/)
    expect(stdout).toContain('pipeline run acme continues it')
    expect(code).toBe(0)
    await world.heal()
    await project.runs()
    expect(new Set(await world.merges()).size).toBe(12)
    expect(await world.merges()).toHaveLength(12)
  })
})

it('a folder in the place of the published file loses nothing that was applied', async () => {
  const world = await instance()
  const project = projectFor(world)
  mkdirSync(project.at('warehouse/acme.duckdb'), { recursive: true })
  const ended = await project.run()
  expectFailure(
    ended,
    6,
    /Publishing .*acme\.duckdb stopped because a folder is in the place/,
    /applied +\d+ of \d+ rows done in Marketo/,
  )
  expect(await world.merges()).toHaveLength(12)
  rmSync(project.at('warehouse/acme.duckdb'), { recursive: true })
  const record = await project.runs()
  expect(record.plan?.merges).toBe(0)
  expect(record.leads).toBe(48)
  expect(project.halfWritten()).toEqual([])
})
