import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  loadPipelines,
  pipelineFile,
  selectPipelines,
} from '../../src/pipeline/select.js'
import { loadPipeline } from '../../src/pipeline/load.js'

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'select-'))
  const files = {
    'acme.yml': 'marketo: sandbox\ngroups: ["client:acme", emea]\n',
    'beta.yml': 'marketo: sandbox\ngroups: [emea]\n',
    'broken.yml': 'marketo: sandbox\nonwer: x\ngroups: [us]\n',
    'worse.yml': 'marketo: sandbx\ngroups: [us]\n',
    'latin.yml': Buffer.from([0x6f, 0xe9, 0x0a]),
    'acme.override.csv': '',
  }
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text)
  }
})

afterAll(() => rm(folder, { recursive: true }))

function select(...names: string[]): Promise<string[]> {
  return selectPipelines(folder, { names, all: false })
}

describe('selecting pipelines', () => {
  it('takes names in their order, each once', async () => {
    expect(await select('beta', 'acme', 'beta')).toEqual(['beta', 'acme'])
  })

  it('takes a group, though another file is broken', async () => {
    expect(await select('group:emea')).toEqual(['acme', 'beta'])
    expect(await select('group:client:acme', 'beta')).toEqual(['acme', 'beta'])
  })

  it('takes all', async () => {
    const all = await selectPipelines(folder, { names: [], all: true })
    expect(all).toEqual(['acme', 'beta', 'broken', 'latin', 'worse'])
  })

  it.each([
    ['acne', 'Did you mean "acme"?'],
    ['group:emae', 'Did you mean "emea"?'],
    ['group:nobody', 'Groups are client:acme, emea, us.'],
  ])('says what was meant by %s', async (name, hint) => {
    await expect(select(name)).rejects.toThrow(hint)
    await expect(select(name)).rejects.toMatchObject({ exit: 3 })
  })

  it('refuses an empty selection', async () => {
    await expect(select()).rejects.toThrow('Name a pipeline')
  })

  it.each(['../acme', '/etc/passwd', 'a/b', '..', '.hidden', 'a\0b', 'Ä', ''])(
    'refuses the name %j',
    async (name) => {
      await expect(select(name)).rejects.toMatchObject({ exit: 3 })
      expect(() => pipelineFile(folder, name)).toThrow('pipeline')
    },
  )

  it('says where pipelines should be when the folder is missing', async () => {
    const missing = join(folder, 'nowhere')
    await expect(
      selectPipelines(missing, { names: ['a'], all: false }),
    ).rejects.toThrow('--project-dir')
  })
})

describe('loading pipelines', () => {
  it('gives each selected pipeline', async () => {
    const selection = { names: ['group:emea'], all: false }
    const loaded = await loadPipelines(folder, selection, {})
    expect(loaded.map(({ pipeline }) => pipeline.name)).toEqual([
      'acme',
      'beta',
    ])
  })

  it('reports the mistakes of all files at once', async () => {
    const selection = { names: ['group:us'], all: false }
    const error = await loadPipelines(folder, selection, {}).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({ exit: 3, code: 'pipeline_file' })
    const lines = String(error).split('\n')
    expect(lines[0]).toContain('broken.yml:2:1  onwer is not a key')
    expect(lines[1]).toContain('worse.yml:1:10  marketo must be')
  })

  it('says what to do about a file that is not there', async () => {
    await expect(
      loadPipeline(join(folder, 'none.yml'), {}, { secrets: 'ignored' }),
    ).rejects.toThrow('pipeline list shows')
  })

  it('says that a file is not UTF-8', async () => {
    await expect(loadPipeline(join(folder, 'latin.yml'), {})).rejects.toThrow(
      'save it as UTF-8',
    )
  })

  it('names files as seen from the folder where the person is', async () => {
    const file = join(folder, 'broken.yml')
    const options = { secrets: 'required', base: folder } as const
    await expect(loadPipeline(file, {}, options)).rejects.toThrow(
      /^broken\.yml:2:1 /,
    )
  })
})
