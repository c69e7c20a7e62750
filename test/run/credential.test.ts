import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { withEnvFile } from '../../src/pipeline/env-file.js'
import { loadPipeline } from '../../src/pipeline/load.js'
import { credentialsOf, rotateCredentials } from '../../src/run/credential.js'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.js'

const old = { id: 'old-client', secret: 'old-secret-1234' }
const renewed = { id: 'new-client', secret: 'new-secret-5678' }

let marketo: Sandbox
let projectDir: string

beforeAll(async () => {
  marketo = await startSandbox({
    leads: { kind: 'generated', count: 5, seed: 3 },
    timeScale: 60,
    clients: [
      { id: renewed.id, secret: renewed.secret, user: 'api@acme.example' },
    ],
  })
  projectDir = mkdtempSync(join(tmpdir(), 'pipeline-credential-'))
  mkdirSync(join(projectDir, 'pipelines'))
  const text = `marketo:
  endpoint: \${AT}
  client_id: \${ID}
  client_secret: \${SECRET}
  time_scale: 60
alert: [{ slack: "\${HOOK}" }]
`
  for (const name of ['acme', 'beta']) {
    writeFileSync(join(projectDir, 'pipelines', `${name}.yml`), text)
  }
  writeFileSync(join(projectDir, '.gitignore'), 'node_modules/\n')
  writeFileSync(
    join(projectDir, '.env'),
    `# mine\nID=${old.id}\nSECRET=${old.secret}\n`,
  )
})

afterAll(async () => {
  await marketo.close()
  rmSync(projectDir, { recursive: true })
})

function env() {
  return { AT: marketo.endpoint, HOOK: 'https://hooks.example/T1' }
}

const kept = () => readFileSync(join(projectDir, '.env'), 'utf8')

describe('credentials', () => {
  it('are listed by name, with their pipelines and where they come from', async () => {
    const found = await credentialsOf('acme', { projectDir, env: env() })
    expect(
      found.map(({ name, from, pipelines }) => [name, from, ...pipelines]),
    ).toEqual([
      ['AT', 'environment', 'acme', 'beta'],
      ['ID', 'file', 'acme', 'beta'],
      ['SECRET', 'file', 'acme', 'beta'],
      ['HOOK', 'environment', 'acme', 'beta'],
    ])
    expect(JSON.stringify(found)).not.toContain(old.secret)
  })

  it('are kept as they were where Marketo refuses the new ones', async () => {
    const before = kept()
    const wrong = { ID: renewed.id, SECRET: 'wrong-secret-0000' }
    const failure = rotateCredentials({ projectDir, env: env() }, wrong)
    await expect(failure).rejects.toMatchObject({
      exit: 5,
    })
    await expect(failure).rejects.not.toThrow(/wrong-secret/)
    expect(kept()).toBe(before)
  })

  it('are replaced once Marketo accepts them, in a private ignored file', async () => {
    const values = { ID: renewed.id, SECRET: renewed.secret }
    const done = await rotateCredentials({ projectDir, env: env() }, values)
    expect(done.written).toEqual(['ID', 'SECRET'])
    expect(done.ignored).toBe(true)
    expect(JSON.stringify(done)).not.toContain(renewed.secret)
    const accepted = done.checks.filter(({ check }) => check === 'credentials')
    expect(accepted.map(({ pipeline, status }) => [pipeline, status])).toEqual([
      ['acme', 'ok'],
      ['beta', 'ok'],
    ])
    expect(kept()).toContain('# mine\n')
    expect(kept()).not.toContain(old.secret)
    expect(statSync(join(projectDir, '.env')).mode & 0o777).toBe(0o600)
    const ignore = readFileSync(join(projectDir, '.gitignore'), 'utf8')
    expect(ignore).toBe('node_modules/\n.env\n')
    const file = join(projectDir, 'pipelines', 'acme.yml')
    const { pipeline } = await loadPipeline(
      file,
      withEnvFile(env(), projectDir),
    )
    expect(pipeline.marketo).toMatchObject({ clientSecret: renewed.secret })
  })

  it('that the environment sets are refused, for a file could not change them', async () => {
    const request = rotateCredentials(
      { projectDir, env: env() },
      { HOOK: 'https://hooks.example/T2' },
    )
    await expect(request).rejects.toThrow(/HOOK is set in the environment/)
  })

  it('of no pipeline are refused, so that nothing else can be set', async () => {
    const request = rotateCredentials(
      { projectDir, env: env() },
      { NODE_OPTIONS: '--require=x' },
    )
    await expect(request).rejects.toThrow(/no pipeline refers to/)
  })
})
