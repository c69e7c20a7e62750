import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { addressOf } from '../../src/console/address.js'
import { LoginLimit, Sessions } from '../../src/console/session.js'
import { startConsole } from '../../src/console/server.js'
import { csrfOf, knock, type Stage, startStage, tokenOf } from './stage.js'

let stage: Stage
beforeAll(async () => {
  stage = await startStage({ demo: 'marketo: sandbox\nservices: {}\n' })
})
afterAll(async () => await stage.close())

describe('who may come in', () => {
  it('shows the login to whoever has no session', async () => {
    const answer = await knock(stage.console, '/')
    expect(answer.status).toBe(401)
    expect(answer.text).toContain('Log in')
    expect(answer.text).not.toContain('demo')
  })

  it('lets a token in by a cookie that scripts and other sites cannot use', async () => {
    const answer = await knock(stage.console, '/login', {
      method: 'POST',
      form: { token: tokenOf(stage.console, 'viewer'), next: '/pipeline/demo' },
    })
    expect(answer.status).toBe(303)
    expect(answer.headers['location']).toBe('/pipeline/demo')
    expect(answer.cookies[0]).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/)
  })

  it('shows the pipelines to who is logged in', async () => {
    const cookie = await stage.login('viewer')
    const answer = await knock(stage.console, '/', { cookie })
    expect(answer.status).toBe(200)
    expect(answer.text).toContain('demo')
    expect(answer.headers['content-security-policy']).toContain(
      "default-src 'none'",
    )
  })

  it('forgets a session at logout', async () => {
    const cookie = await stage.login('viewer')
    const csrf = await csrfOf(stage.console, cookie)
    const bare = await knock(stage.console, '/logout', {
      method: 'POST',
      cookie,
      form: { csrf: 'x' },
    })
    expect(bare.status).toBe(403)
    await knock(stage.console, '/logout', {
      method: 'POST',
      cookie,
      form: { csrf },
    })
    const answer = await knock(stage.console, '/', { cookie })
    expect(answer.status).toBe(401)
  })
})

describe('where it listens', () => {
  const start = (options: Partial<Parameters<typeof startConsole>[0]>) =>
    startConsole({
      projectDir: stage.folder,
      env: {},
      host: '127.0.0.1',
      port: 0,
      tls: null,
      proxy: false,
      origin: null,
      clock: systemClock,
      report: () => {},
      ...options,
    })

  it.each(['0.0.0.0', '::', '192.168.1.5', 'example.com'])(
    'refuses %s without TLS or a declared proxy, as bad input',
    async (host) => {
      await expect(start({ host })).rejects.toMatchObject({
        code: 'console_host',
        exit: 3,
      })
    },
  )

  it('behind a proxy answers to the declared name alone, by secure cookies', async () => {
    await expect(start({ proxy: true })).rejects.toMatchObject({ exit: 3 })
    const origin = 'https://console.example'
    const served = await start({ proxy: true, origin })
    try {
      const inside = await knock(served, '/')
      expect(inside.status).toBe(421)
      const headers = { host: 'console.example', origin }
      const form = { token: tokenOf(served, 'viewer') }
      const method = 'POST'
      const answer = await knock(served, '/login', { method, headers, form })
      expect(answer.status).toBe(303)
      expect(answer.cookies[0]).toMatch(
        /^__Host-console=.*; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
      )
      expect(answer.headers['strict-transport-security']).toBeDefined()
    } finally {
      await served.close()
    }
  })

  it('knows its own names and no others', () => {
    const place = { port: 4180, isSecure: false, origin: null }
    expect(addressOf({ ...place, host: '::1' }).hosts).toEqual([
      '[::1]:4180',
      'localhost:4180',
    ])
    expect(() => addressOf({ ...place, host: '0.0.0.0' })).toThrow(/--origin/)
    const odd = { ...place, host: 'x', origin: 'https://a.example/path' }
    expect(() => addressOf(odd)).toThrow(/no origin/)
  })
})

describe('time', () => {
  it('ends a session that nobody used for half an hour', () => {
    let now = 0
    const sessions = new Sessions({ monotonic: () => now })
    const id = sessions.begin({ role: 'viewer', who: 'Zoë' })
    now += 29 * 60_000
    expect(sessions.find(id)?.who).toBe('Zoë')
    now += 29 * 60_000
    expect(sessions.find(id)?.who).toBe('Zoë')
    now += 31 * 60_000
    expect(sessions.find(id)).toBeNull()
  })

  it('lets somebody try again after a minute, address by address', () => {
    let now = 0
    const limit = new LoginLimit({ monotonic: () => now })
    for (let tries = 0; tries < 10; tries += 1) limit.failed('a')
    expect(limit.wait('a')).toBe(60)
    expect(limit.wait('b')).toBe(0)
    now += 61_000
    expect(limit.wait('a')).toBe(0)
  })
})
