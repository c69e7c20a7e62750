import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadProject } from '../../src/model/project.js'
import { loadPipeline } from '../../src/pipeline/load.js'
import { invoke, project } from './invoke.js'

describe('pipeline init', () => {
  it('writes a file that loads once the named variables are set', async () => {
    const cwd = await project()
    const { code, stdout } = await invoke(['init', 'acme-emea'], { cwd })
    expect(code).toBe(0)
    expect(stdout).toContain('Wrote pipelines/acme-emea.yml')
    const env = {
      ACME_EMEA_MARKETO_ENDPOINT: 'https://123-ABC-456.mktorest.com',
      ACME_EMEA_MARKETO_CLIENT_ID: 'id',
      ACME_EMEA_MARKETO_CLIENT_SECRET: 'secret',
    }
    for (const name of Object.keys(env)) expect(stdout).toContain(name)
    const file = join(cwd, 'pipelines', 'acme-emea.yml')
    const { pipeline } = await loadPipeline(file, env)
    expect(pipeline.load.apply).toBe('review')
    expect(pipeline.marketo).toMatchObject({ clientSecret: 'secret' })
    const text = await readFile(file, 'utf8')
    expect(text.split('\n')[0]).toContain('$schema=../.pipeline.schema.json')
  })

  it('makes the folder where there is none yet', async () => {
    const cwd = await project()
    const args = ['init', 'acme', '--project-dir', 'new/place']
    expect(await invoke(args, { cwd })).toMatchObject({ code: 0 })
    const file = join(cwd, 'new/place/pipelines/acme.yml')
    expect(await readFile(file, 'utf8')).toContain('ACME_MARKETO_ENDPOINT')
  })

  it('names variables that a shell accepts, whatever the name', async () => {
    const cwd = await project()
    const args = ['init', '3m', '--json']
    const { stdout } = await invoke(args, { cwd })
    expect(JSON.parse(stdout)).toMatchObject({
      name: '3m',
      file: 'pipelines/3m.yml',
      variables: [
        'P3M_MARKETO_ENDPOINT',
        'P3M_MARKETO_CLIENT_ID',
        'P3M_MARKETO_CLIENT_SECRET',
      ],
    })
  })

  it('makes a project of an empty folder, and leaves what is there', async () => {
    const cwd = await project()
    const first = await invoke(['init', 'acme', '--json'], { cwd })
    expect(JSON.parse(first.stdout)).toMatchObject({
      made: ['models/', '.pipeline.schema.json'],
    })
    const models = join(cwd, 'models')
    const loaded = await loadProject(models, cwd)
    expect([...loaded.models.keys()]).toContain('duplicate_group')
    expect([...loaded.models.keys()]).not.toContain('spend_tier')
    await rm(models, { recursive: true })
    await mkdir(models)
    const second = await invoke(['init', 'beta', '--json'], { cwd })
    expect(JSON.parse(second.stdout)).toMatchObject({ made: [] })
    expect(await readdir(models)).toEqual([])
  })

  it.each([[], ['--from', 'salesforce-standard']])(
    'writes rules for the simulator that need no variable %j',
    async (...from) => {
      const cwd = await project()
      const args = ['init', 'first', '--sandbox', '--json', ...from]
      const { stdout } = await invoke(args, { cwd })
      expect(JSON.parse(stdout)).toMatchObject({ variables: [] })
      const file = join(cwd, 'pipelines', 'first.yml')
      const { pipeline } = await loadPipeline(file, {})
      expect(pipeline.marketo.kind).toBe('sandbox')
      expect(pipeline.load.apply).toBe('review')
    },
  )

  it('never overwrites', async () => {
    const cwd = await project({ 'acme.yml': 'mine\n' })
    const { code, stderr } = await invoke(['init', 'acme'], { cwd })
    expect(code).toBe(3)
    expect(stderr).toContain('pipelines/acme.yml exists already')
    const file = join(cwd, 'pipelines/acme.yml')
    expect(await readFile(file, 'utf8')).toBe('mine\n')
  })

  it.each(['../evil', '/tmp/evil', 'a/b', 'A', 'x.yml', '', 'a b', '-'])(
    'refuses the name %j',
    async (name) => {
      const cwd = await project()
      const { code } = await invoke(['init', '--', name], { cwd })
      expect(code).toBe(3)
    },
  )

  it('says plainly that the disk cannot be written', async () => {
    const cwd = await project()
    await writeFile(join(cwd, 'file'), '')
    const args = ['init', 'acme', '--project-dir', 'file']
    const { code, stderr } = await invoke(args, { cwd })
    expect(code).toBe(6)
    expect(stderr).toContain('file/pipelines/acme.yml cannot be written')
  })
})
