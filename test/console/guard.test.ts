import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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
