import { describe, expect, it } from 'vitest'
import { invoke, project } from './invoke.js'

const acme = `description: Acme, production
owner: marketing-ops
groups: [client:acme, emea]
marketo:
  endpoint: \${ACME_ENDPOINT}
  client_id: \${ACME_ID}
  client_secret: \${ACME_SECRET}
services:
  hash: { type: hash, list: { static: News }, write: { a: {} } }
schedule: { cron: "0 5 * * *", timezone: Europe/Paris }
`

describe('pipeline list', () => {
  it('shows each pipeline without needing its secrets', async () => {
    const cwd = await project({
      'acme.yml': acme,
      'demo.yml': 'marketo: sandbox\nload: { apply: auto }\n',
    })
    const { code, stdout, stderr } = await invoke(['list'], { cwd })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(`\n${stdout}`).toMatchInlineSnapshot(`
      "
      name  groups            owner          services  apply   schedule                description
      acme  client:acme emea  marketing-ops  hash      review  0 5 * * * Europe/Paris  Acme, production
      demo  -                 -              -         auto    -
      "
    `)
  })

  it('lists a broken file with its first mistake and exit 3', async () => {
    const cwd = await project({
      'acme.yml': acme,
      'bad.yml': 'marketo: sandbox\nonwer: me\nlaod: {}\n',
    })
    const { code, stdout } = await invoke(['list'], { cwd })
    expect(code).toBe(3)
    expect(stdout).toContain('acme  client:acme emea')
    expect(stdout).toContain(
      'error  bad: pipelines/bad.yml:2:1  onwer is not a key here. Did you mean "owner"? (and 1 more)',
    )
  })

  it('prints one document with --json, wherever the flag stands', async () => {
    const cwd = await project({ 'acme.yml': acme, 'bad.yml': 'a: 1\n' })
    const before = await invoke(['--json', 'list'], { cwd })
    const after = await invoke(['list', '--json'], { cwd })
    expect(after).toEqual(before)
    expect(JSON.parse(after.stdout)).toMatchObject({
      pipelines: [
        {
          name: 'acme',
          file: 'pipelines/acme.yml',
          status: 'ok',
          groups: ['client:acme', 'emea'],
          services: [{ name: 'hash', type: 'hash', list: 'News' }],
          apply: 'review',
          schedule: { cron: '0 5 * * *' },
        },
        {
          name: 'bad',
          status: 'error',
          error: {
            code: 'pipeline_file',
            details: { problems: [{ line: 1 }, { line: 1 }] },
          },
        },
      ],
    })
    expect(after.code).toBe(3)
  })

  it('says how to make the first pipeline', async () => {
    const cwd = await project()
    const { code, stdout } = await invoke(['list'], { cwd })
    expect(code).toBe(0)
    expect(stdout).toContain('pipeline init NAME')
  })

  it('says where it looked when there is no such folder', async () => {
    const world = { cwd: await project() }
    const { code, stderr } = await invoke(
      ['list', '--project-dir', 'nowhere'],
      world,
    )
    expect(code).toBe(3)
    expect(stderr).toContain('nowhere/pipelines cannot be read')
  })

  it('shows control characters of a file as harmless marks', async () => {
    const text = 'marketo: sandbox\ndescription: "a\\e[2Jb"\n'
    const cwd = await project({ 'evil.yml': text })
    const { stdout } = await invoke(['list'], { cwd })
    expect(stdout).toContain('a�[2Jb')
  })
})
