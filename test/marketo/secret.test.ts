import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import {
  bad,
  client,
  grant,
  handled,
  type Script,
  secret,
  stage,
} from './stage.js'

const token = 'token-that-must-not-show'
const value = 'Value-of-a-lead'

const isToken = ({ path }: { path: string }) => path.includes('identity')

/** A Marketo that repeats whatever it was sent. */
const echo: Script = ({ path, body, headers, query }) =>
  isToken({ path })
    ? grant(token)
    : bad('1003', `bad: ${body} ${headers.authorization} ${query.toString()}`)

const unfriendly: Readonly<Record<string, Script>> = {
  'an echo': echo,
  'a reset': (seen) => {
    if (isToken(seen)) return grant(token)
    seen.response.socket?.resetAndDestroy()
    return handled
  },
  'a timeout': (seen) => (isToken(seen) ? grant(token) : handled),
  'a redirect': (seen) => {
    if (isToken(seen)) return grant(token)
    seen.response.statusCode = 302
    seen.response.setHeader('location', `https://evil.example/?${token}`)
    return ''
  },
  'a refusal of the secret': (seen) => {
    seen.response.statusCode = 401
    return { error: 'unauthorized', error_description: seen.body }
  },
  'an echo of identity': (seen) => {
    seen.response.statusCode = 400
    return { error: seen.body }
  },
}

describe('secrets and values of leads', () => {
  it.each(Object.entries(unfriendly))(
    'do not show after %s',
    async (...row) => {
      const [, script] = row
      const { endpoint } = await stage(script)
      const stop = new AbortController()
      const { marketo, calls } = client(endpoint, {
        timeoutFloor: 20,
        timeScale: 20_000,
        signal: stop.signal,
      })
      const results = await Promise.allSettled([
        marketo.partitions(),
        marketo.updateLeads([{ id: '424242', values: { lastName: value } }]),
        marketo.mergeLeads('424242', ['434343'], { mergeInCrm: false }),
        marketo.downloadExport('export-1', 0),
      ])
      const thrown = results.map((each) =>
        each.status === 'rejected' ? (each.reason as unknown) : null,
      )
      expect(thrown).not.toContain(null)
      const shown = [
        inspect(thrown, { depth: 20, showHidden: true }),
        JSON.stringify(thrown),
        thrown.map(String).join(),
        JSON.stringify(calls),
        inspect(marketo, { depth: 20 }),
      ].join('\n')
      for (const hidden of [secret, token, value]) {
        expect(shown).not.toContain(hidden)
        expect(shown).not.toContain(encodeURIComponent(hidden))
        expect(shown).not.toContain(Buffer.from(hidden).toString('base64'))
      }
    },
  )

  it('do not show in the record of a call, which names no id either', async () => {
    const { endpoint } = await stage(() => undefined)
    const { marketo, calls } = client(endpoint)
    await marketo.mergeLeads('424242', ['434343'], { mergeInCrm: false })
    const names = calls.map((call) => `${call.method} ${call.endpoint}`)
    expect(names).toEqual([
      'POST identity/oauth/token',
      'GET stats/usage',
      'POST leads/{id}/merge',
    ])
    expect(JSON.stringify(calls)).not.toMatch(/424242|434343/)
  })
})
