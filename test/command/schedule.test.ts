import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { invoke, project } from './invoke.js'

const resting = `marketo: sandbox
schedule: { cron: "0 5 * * *", timezone: Europe/Paris, paused: true }
`
const daily = `marketo:
  endpoint: \${ACME_ENDPOINT}
  client_id: \${ACME_ID}
  client_secret: \${ACME_SECRET}
schedule: { cron: "0 5 * * *", timezone: Europe/Paris, blackout: [{ from: 2000-01-01, to: 2200-01-01 }] }
alert: [{ slack: "\${ACME_HOOK}" }]
`

async function world() {
  const cwd = await project({
    'acme.yml': daily,
    'idle.yml': 'marketo: sandbox\n',
    'resting.yml': resting,
  })
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
  const call = async (...args: string[]) => await invoke(args, { cwd })
  return { cwd, call }
}

it('schedules are listed with their next runs, or why there is none', async () => {
  const { cwd, call } = await world()
  const { stdout } = await call('schedule')
  expect(stdout).toMatch(
    /^acme +0 5 \* \* \* +2200-01-02 05:00 +Europe\/Paris +2200-01-02 04:00/m,
  )
  expect(stdout).toMatch(/^idle +no schedule/m)
  expect(stdout).toMatch(/^resting +0 5 \* \* \* +paused/m)
  const { code, stderr } = await call('schedule', '--next', '0')
  expect(code).toBe(3)
  expect(stderr).toContain('--next 0 is not a whole number')
  expect(existsSync(join(cwd, 'warehouse'))).toBe(false)
})

it('a scheduled run is held where its schedule says so, alone and among others', async () => {
  const { cwd, call } = await world()
  const alone = await call('run', 'resting', '--scheduled')
  expect(alone).toMatchObject({
    code: 0,
    stdout: 'resting does not run by itself now: schedule.paused is true.\n',
  })
  const both = await call('run', 'resting', 'acme', '--scheduled', '--json')
  expect(both.code).toBe(0)
  const { results } = JSON.parse(both.stdout) as { results: object[] }
  expect(results).toMatchObject([
    { pipeline: 'resting', result: 'held' },
    { pipeline: 'acme', result: 'held' },
  ])
  expect(existsSync(join(cwd, 'warehouse'))).toBe(false)
})

it('exports name the variables of the files, never a value', async () => {
  const { cwd, call } = await world()
  const cron = await call('schedule', 'acme', 'resting', '--export', 'cron')
  expect(cron.stdout).toContain(
    'ACME_ENDPOINT, ACME_HOOK, ACME_ID, ACME_SECRET',
  )
  expect(cron.stdout).toMatch(/^0 5 \* \* \* .* run acme --scheduled >> /m)
  const out = join('.github', 'workflows', 'acme.yml')
  const asked = ['schedule', 'acme', '--export', 'github-actions']
  const wrote = await call(...asked, '--out', out)
  expect(wrote.stdout).toContain('commit it')
  const text = readFileSync(join(cwd, out), 'utf8')
  expect(text).toContain('ACME_HOOK: ${{ secrets.ACME_HOOK }}')
  const bad = await call('schedule', 'acme', '--export', 'jenkins')
  expect(bad.code).toBe(3)
})

it('a pipeline that is not running is stopped already, and an unknown one is a mistake', async () => {
  const { call } = await world()
  expect(await call('stop', 'acme')).toMatchObject({
    code: 0,
    stdout: 'acme is not running.\n',
  })
  expect((await call('stop', 'acne')).stderr).toContain('Did you mean "acme"?')
  expect((await call('stop', 'acme', '--timeout', 'x')).code).toBe(3)
})

it('a state needs a key, and one that is there is not replaced', async () => {
  const { cwd, call } = await world()
  const none = await call('state', 'acme', '--save', 'x.state')
  expect(none).toMatchObject({ code: 3 })
  expect(none.stderr).toContain('has not run yet')
  expect((await call('state', 'acme')).stderr).toContain('--save FILE')
  const missing = await call('state', 'acme', '--restore', 'x.state')
  expect(missing.stderr).toContain('PIPELINE_STATE_KEY is not set')
  expect(existsSync(join(cwd, 'warehouse', 'acme', 'log'))).toBe(false)
})
