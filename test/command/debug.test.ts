import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { nodeCheck } from '../../src/command/debug-check.js'
import { worstExit } from '../../src/run/check.js'
import { exitCode } from '../../src/error.js'
import type { SandboxOptions } from '../../src/sandbox/option.js'
import { startSandbox } from '../../src/sandbox/sandbox.js'
import { Warehouse } from '../../src/warehouse/warehouse.js'
import { invoke, project, type World } from './invoke.js'

const closers: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function sandbox(options: Partial<SandboxOptions> = {}) {
  const leads = { kind: 'generated', count: 20, seed: 3 } as const
  const started = await startSandbox({
    leads,
    seed: 3,
    timeScale: 60,
    ...options,
  })
  closers.push(() => started.close())
  return started
}

/** A pipeline against a sandbox that is already there. */
async function against(
  place: { endpoint: string; clientId: string; clientSecret: string },
  services = '',
): Promise<World & { cwd: string }> {
  const text = `marketo:
  endpoint: \${AT}
  client_id: \${ID}
  client_secret: \${SECRET}
  time_scale: 60
${services}`
  const cwd = await project({ 'acme.yml': text })
  const env = {
    AT: place.endpoint,
    ID: place.clientId,
    SECRET: place.clientSecret,
  }
  return { cwd, env }
}

interface Line {
  readonly check: string
  readonly status: string
  readonly text: string
}

function isLine(value: unknown): value is Line {
  return typeof value === 'object' && value !== null && 'check' in value
}

/** The checks of a document that says itself what the command ended with. */
function linesOf(text: string, code: number): Line[] {
  const document: unknown = JSON.parse(text)
  expect(document).toMatchObject({ exit_code: code })
  const isDocument = typeof document === 'object' && document !== null
  const lines: unknown = isDocument && 'checks' in document && document.checks
  return Array.isArray(lines) ? lines.filter(isLine) : []
}

/** Each check by name, and the exit code. */
async function debug(world: World, name = 'acme') {
  const { code, stdout } = await invoke(['debug', name, '--json'], world)
  const lines = linesOf(stdout, code)
  const checks = new Map(lines.map((each) => [each.check, each]))
  const status: Record<string, string> = {}
  for (const each of lines) status[each.check] = each.status
  return { code, checks, status }
}

const duplicates = `services:
  person:
    type: dedupe
    match: [{ same: [email] }]
    survive: { phone: most_recent }
`

function used(text = ''): number {
  return Number(/^(\d+) calls/.exec(text)?.[1])
}

async function withBuildFile() {
  const cwd = await project({ 'demo.yml': 'marketo: sandbox\n' })
  const folder = join(cwd, 'warehouse', 'demo')
  await mkdir(folder, { recursive: true })
  return { cwd, build: join(folder, 'build.duckdb') }
}

describe('pipeline debug', () => {
  it('is green for a pipeline against a sandbox of its own', async () => {
    const cwd = await project({ 'demo.yml': `marketo: sandbox\n${duplicates}` })
    const { code, stdout } = await invoke(['debug', 'demo'], { cwd })
    expect(stdout).not.toContain('failed')
    expect(stdout).toContain('Everything is ready.')
    expect(code).toBe(0)
  })

  it('says which files of the pipeline are missing', async () => {
    const source =
      'source:\n  a: { csv: a.csv }\n  b: { parquet: x/b.parquet }\n'
    const cwd = await project({ 'demo.yml': `marketo: sandbox\n${source}` })
    await writeFile(join(cwd, 'pipelines/a.csv'), 'id\n1\n')
    const { code, checks } = await debug({ cwd }, 'demo')
    expect(code).toBe(3)
    expect(checks.get('source')?.text).toBe(
      'There is no file for b (x/b.parquet); paths in pipelines/demo.yml go from its folder.',
    )
  })

  it('makes at most ten calls and writes nothing', async () => {
    const place = await sandbox()
    const world = await against(place, duplicates)
    const { code, checks, status } = await debug(world)
    expect(code).toBe(0)
    expect(new Set(Object.values(status))).toEqual(new Set(['ok']))
    const again = await debug(world)
    const first = used(checks.get('quota')?.text)
    const second = used(again.checks.get('quota')?.text)
    expect(second - first).toBeGreaterThan(0)
    expect(second - first).toBeLessThanOrEqual(10)
    const { existsSync } = await import('node:fs')
    expect(existsSync(join(world.cwd, 'warehouse'))).toBe(false)
  })

  it('ends with 5 for wrong credentials, without repeating them', async () => {
    const place = await sandbox()
    const wrong = { ...place, clientSecret: 'wrong-secret-of-acme' }
    const { code, status, checks } = await debug(await against(wrong))
    expect(code).toBe(5)
    expect(status).toMatchObject({
      endpoint: 'ok',
      credentials: 'failed',
      permission: 'skipped',
      field: 'skipped',
      quota: 'skipped',
    })
    const text = checks.get('credentials')?.text
    expect(text).toContain('Check client_id and client_secret')
    expect(text).not.toContain('wrong-secret-of-acme')
  })

  it.each([
    ['everything', []],
    ['activities', ['Read-Write Lead']],
  ])('ends with 5 where the user may not read %s', async (_, permissions) => {
    const client = {
      id: 'an-id',
      secret: 'a-secret',
      user: 'api@example.com',
      permissions,
    }
    const place = await sandbox({ clients: [client] })
    const { code, status, checks } = await debug(await against(place))
    expect(code).toBe(5)
    expect(status).toMatchObject({ credentials: 'ok', permission: 'failed' })
    expect(checks.get('permission')?.text).toContain('permission')
  })

  it('ends with 3 for fields that are not there, and names near ones', async () => {
    const place = await sandbox()
    const rules = `${duplicates.replace('phone:', 'leadscoer: max, leadSourc:')}    stamp: { originalSourceType: count }\n`
    const world = await against(place, rules)
    const { code, status, checks } = await debug(world)
    expect(code).toBe(3)
    expect(status).toMatchObject({ permission: 'ok', field: 'failed' })
    const lines = checks.get('field')?.text.split('\n') ?? []
    expect(lines[0]).toContain('pipelines/acme.yml:10:')
    expect(lines[0]).toContain('leadScore')
    expect(lines[1]).toContain('leadSource')
    expect(lines[2]).toContain('originalSourceType')
  })

  it('ends with 3 for a static list that is not there', async () => {
    const place = await sandbox()
    const rules = `${duplicates}    list: { static: Nobody here }\n`
    const { code, checks } = await debug(await against(place, rules))
    expect(code).toBe(3)
    expect(checks.get('list')?.text).toContain('no static list "Nobody here"')
  })

  it('ends with 4 and a hint where nothing listens', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    await new Promise((resolve) => server.close(resolve))
    const place = {
      endpoint: `http://127.0.0.1:${port}`,
      clientId: 'i',
      clientSecret: 's',
    }
    const { code, status, checks } = await debug(await against(place))
    expect(code).toBe(4)
    expect(status).toMatchObject({ endpoint: 'failed', quota: 'skipped' })
    expect(checks.get('endpoint')?.text).toContain('Check the endpoint')
  })

  it('says that the quota is used up and when it resets', async () => {
    const place = await sandbox({ limits: { callsPerDay: 0 } })
    const { code, checks } = await debug(await against(place))
    expect(code).toBe(4)
    const text = [...checks.values()].map((each) => each.text).join('\n')
    expect(text).toContain('resets at')
  })

  it('asks nobody while a variable is missing', async () => {
    const place = await sandbox()
    const { cwd } = await against(place)
    const { code, status, checks } = await debug({ cwd, env: {} })
    expect(code).toBe(3)
    expect(status).toMatchObject({
      file: 'ok',
      environment: 'failed',
      endpoint: 'skipped',
    })
    const text = checks.get('environment')?.text
    expect(text?.split('\n')).toHaveLength(3)
    expect(text).toContain('pipelines/acme.yml:2:13  marketo.endpoint needs')
  })

  it('reads .env where the environment says nothing, and warns where others can', async () => {
    const place = await sandbox()
    const { cwd, env } = await against(place)
    const file = join(cwd, '.env')
    await writeFile(file, `ID=wrong\nSECRET=${place.clientSecret}\n`, {
      mode: 0o644,
    })
    const { AT, ID } = env ?? {}
    const open = await debug({ cwd, env: { AT, ID, SECRET: '' } })
    expect(open.status).toMatchObject({ 'env file': 'warn', credentials: 'ok' })
    await chmod(file, 0o600)
    const { status } = await debug({ cwd, env: { AT, ID } })
    expect(status).toMatchObject({ 'env file': 'ok', credentials: 'ok' })
  })

  it('shows every mistake of the file under its check', async () => {
    const cwd = await project({ 'acme.yml': 'marketo: sandbox\na: 1\nb: 2\n' })
    const { code, stdout } = await invoke(['debug', 'acme'], { cwd })
    expect(code).toBe(3)
    const lines = stdout.split('\n').filter((line) => line.includes('acme.yml'))
    expect(lines).toHaveLength(2)
    expect(lines[0]?.indexOf('pipelines/')).toBe(
      lines[1]?.indexOf('pipelines/'),
    )
    expect(stdout).toContain('1 check failed.')
  })

  it('colours the status only, and only where wanted', async () => {
    const cwd = await project({ 'acme.yml': 'a: 1\n' })
    const terminal = { cwd, isTerminal: true }
    const shown = await invoke(['debug', 'acme'], terminal)
    expect(shown.stdout).toContain('\u001b[31mfailed')
    for (const world of [{ cwd }, { ...terminal, env: { NO_COLOR: '1' } }]) {
      const { stdout } = await invoke(['debug', 'acme'], world)
      expect(stdout).not.toContain('\u001b')
    }
    const flag = await invoke(['debug', 'acme', '--no-color'], terminal)
    expect(flag.stdout).not.toContain('\u001b')
  })
})

describe('the warehouse check', () => {
  it('opens the build file without changing it', async () => {
    const { cwd, build } = await withBuildFile()
    const options = { path: build, temp: cwd, sealed: false }
    const warehouse = await Warehouse.open(options)
    await warehouse.run('create table lead (id varchar)')
    await warehouse.close()
    const { checks } = await debug({ cwd }, 'demo')
    expect(checks.get('warehouse')).toMatchObject({
      status: 'ok',
      text: '1 tables, opens',
    })
  })

  it('fails for a damaged file and says what to do', async () => {
    const { cwd, build } = await withBuildFile()
    await writeFile(build, 'this is no database'.repeat(1000))
    const { code, checks } = await debug({ cwd }, 'demo')
    expect(code).toBe(1)
    expect(checks.get('warehouse')?.status).toBe('failed')
    expect(checks.get('warehouse')?.text).toContain('build.duckdb')
  })
})

describe('the worst check', () => {
  it('decides the exit code', () => {
    const check = { check: 'x', status: 'failed', text: '' } as const
    const worst = (...codes: (0 | 1 | 3 | 4 | 5 | 6)[]) =>
      worstExit(codes.map((exit) => ({ ...check, exit })))
    expect(worst(0, 0)).toBe(0)
    expect(worst(3, 5, 4)).toBe(5)
    expect(worst(4, 3)).toBe(3)
    expect(worst(5, 6)).toBe(6)
  })

  it('may be an old Node.js', () => {
    expect(nodeCheck('20.19.0').status).toBe('ok')
    expect(nodeCheck('22.1.0').status).toBe('ok')
    expect(nodeCheck('20.18.9').exit).toBe(exitCode.machine)
    expect(nodeCheck('18.20.0').status).toBe('failed')
  })
})
