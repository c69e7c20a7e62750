import { describe, expect, it } from 'vitest'
import { answerOf, codeOf, visit, type Answer, type Caller } from './caller.js'

describe('the identity endpoint', () => {
  it('gives a token of 3600 s and names the API user', async () => {
    const { caller } = await visit()
    const response = await caller.identity()
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.json()).toMatchObject({
      token_type: 'bearer',
      expires_in: 3599,
      scope: 'pipeline-api@sandbox.example',
    })
  })

  it('returns the same token with the seconds left until it ends', async () => {
    const { caller, clock } = await visit()
    const first = await answerOf(await caller.identity())
    clock.advance(1_000_000)
    const second = await answerOf(await caller.identity())
    clock.advance(2_600_000)
    const third = await answerOf(await caller.identity())
    expect(second.access_token).toBe(first.access_token)
    expect(second.expires_in).toBe(2599)
    expect(third.access_token).not.toBe(first.access_token)
    expect(third.expires_in).toBe(3599)
  })

  it('refuses wrong credentials by HTTP 401 in OAuth’s own form', async () => {
    const { caller } = await visit()
    const response = await caller.identity({ client_secret: 'wrong' })
    expect(response.status).toBe(401)
    expect(await response.json()).toEqual({
      error: 'invalid_client',
      error_description: 'Bad client credentials',
    })
  })

  it('keeps the tokens of two clients apart', async () => {
    const clients = [
      { id: 'a', secret: 'x', user: 'a@example.com' },
      { id: 'b', secret: 'y', user: 'b@example.com' },
    ]
    const { caller } = await visit({ clients })
    const [a, b] = await Promise.all(
      clients.map(async ({ id, secret }) => {
        const parameters = { client_id: id, client_secret: secret }
        return answerOf(await caller.identity(parameters))
      }),
    )
    expect(a?.access_token).not.toBe(b?.access_token)
    expect(b?.scope).toBe('b@example.com')
  })
})

const path = '/rest/v1/leads/describe2.json'

async function withQueryToken(caller: Caller): Promise<Answer> {
  const query = `access_token=${await caller.token()}`
  return answerOf(await fetch(`${caller.sandbox.endpoint}${path}?${query}`))
}

describe('a token on an API call', () => {
  it('answers 601 when unknown, 602 when expired, 603 when absent', async () => {
    const { caller, clock } = await visit()
    const old = await caller.token()
    const ask = async (authorization: string | null) => {
      const headers = authorization === null ? {} : { authorization }
      const url = caller.sandbox.endpoint + path
      return codeOf(await answerOf(await fetch(url, { headers })))
    }
    expect(await ask(`Bearer ${old}`)).toBeUndefined()
    clock.advance(3_600_000)
    expect(await ask(`Bearer ${old}`)).toBe('602')
    expect(await ask('Bearer nonsense:sj')).toBe('601')
    expect(await ask(null)).toBe('603')
  })

  it('in the query is refused, unless the old way is switched on', async () => {
    const { caller } = await visit()
    const old = await visit({ behaviour: { queryToken: 'accept' } })
    expect(codeOf(await withQueryToken(caller))).toBe('603')
    expect(codeOf(await withQueryToken(old.caller))).toBeUndefined()
  })

  it('of a client without the permission answers 603', async () => {
    const client = { id: 'a', secret: 'x', user: 'a@example.com' }
    const permissions = ['Read-Only Lead']
    const { caller } = await visit({ clients: [{ ...client, permissions }] })
    expect(codeOf(await caller.get(path))).toBeUndefined()
    const merge = '/rest/v1/leads/1/merge.json?leadIds=2'
    expect(codeOf(await caller.post(merge))).toBe('603')
  })
})
