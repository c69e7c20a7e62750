import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { methodOf, type Role, type Route } from '../../src/console/page.js'
import { routes } from '../../src/console/routes.js'
import {
  csrfOf,
  knock,
  type Knocking,
  type Stage,
  startStage,
  tokenOf,
} from './stage.js'

let stage: Stage
const cookies: Record<Role, string> = { viewer: '', operator: '' }
const tokens: Record<Role, string> = { viewer: '', operator: '' }

beforeAll(async () => {
  stage = await startStage({ demo: 'marketo: sandbox\nservices: {}\n' })
  for (const role of ['viewer', 'operator'] as const) {
    cookies[role] = await stage.login(role)
    tokens[role] = await csrfOf(stage.console, cookies[role])
  }
})
afterAll(async () => await stage.close())

/** Values of Host that a name server, a proxy or an attacker could send. */
function hosts(port: number): { right: string[]; wrong: string[] } {
  const at = (names: readonly string[]) =>
    names.map((name) => `${name}:${port}`)
  const names = [
    'evil.com',
    'evil.com.',
    '127.0.0.1.nip.io',
    '127-0-0-1.nip.io',
    'localhost.evil.com',
    'localhost.',
    'LOCALHOST.',
    'localhost.localdomain',
    '127.0.0.1.',
    '127.0.0.2',
    '127.1',
    '127.0.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '017700000001',
    '0.0.0.0',
    '0',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[0:0:0:0:0:0:0:1]',
    '[::1%25lo]',
    '169.254.169.254',
    '10.0.0.1',
    'console',
    'host.docker.internal',
    'rebind.network',
    '127.0.0.1%00.evil.com',
    'xn--lcalhost-54a',
    'a'.repeat(250),
    'sub.localhost',
    '*',
  ]
  return {
    right: at(['127.0.0.1', 'localhost']),
    wrong: [
      ...at(names),
      '',
      ' ',
      '127.0.0.1',
      'localhost',
      `127.0.0.1:${port}:80`,
      `127.0.0.1:0${port}`,
      `127.0.0.1:${port + 1}`,
      '127.0.0.1:80',
      `127.0.0.1:+${port}`,
      `user@127.0.0.1:${port}`,
      `127.0.0.1:${port}@evil.com`,
      `127.0.0.1:${port}/evil`,
      `127.0.0.1:${port}#evil`,
      `127.0.0.1:${port}, evil.com`,
      `http://127.0.0.1:${port}`,
      `evil.com:${port}, 127.0.0.1:${port}`,
    ],
  }
}

describe('the name that a request asks for', () => {
  it('is answered where it is exactly ours, and refused in 49 other forms', async () => {
    const { right, wrong } = hosts(stage.console.port)
    expect(wrong).toHaveLength(49)
    const cookie = cookies.operator
    for (const host of right) {
      const { status } = await knock(stage.console, '/', {
        cookie,
        headers: { host },
      })
      expect([host, status]).toEqual([host, 200])
    }
    for (const host of wrong) {
      const { status, text } = await knock(stage.console, '/', {
        cookie,
        headers: { host },
      })
      expect([host, [400, 421].includes(status)]).toEqual([host, true])
      expect(text).not.toContain('demo')
    }
  })

  it('is asked for at all', async () => {
    const { status } = await knock(stage.console, '/', {
      cookie: cookies.operator,
      headers: { host: null },
    })
    expect(status).toBe(400)
  })
})

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const roles = [null, 'viewer', 'operator'] as const

type Headers = Readonly<Record<string, string | null>>

/** Who sends it, as browsers say it; `ours` is a page of the console. */
const senders: Readonly<
  Record<string, { ours: boolean; link: boolean; headers: Headers }>
> = {
  'a page of ours': {
    ours: true,
    link: true,
    headers: { origin: 'OWN', 'sec-fetch-site': 'same-origin' },
  },
  'a form without referrer': {
    ours: true,
    link: true,
    headers: { origin: 'null', 'sec-fetch-site': 'same-origin' },
  },
  'an old browser': {
    ours: true,
    link: true,
    headers: { origin: 'OWN', 'sec-fetch-site': null },
  },
  'a form elsewhere': {
    ours: false,
    link: true,
    headers: {
      origin: 'https://evil.com',
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
    },
  },
  'a script elsewhere': {
    ours: false,
    link: false,
    headers: {
      origin: 'https://evil.com',
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'no-cors',
    },
  },
  'another port of this machine': {
    ours: false,
    link: false,
    headers: {
      origin: 'http://127.0.0.1:1',
      'sec-fetch-site': 'same-site',
      'sec-fetch-mode': 'cors',
    },
  },
  'an opaque frame': {
    ours: false,
    link: false,
    headers: {
      origin: 'null',
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'cors',
    },
  },
  'nobody in particular': {
    ours: false,
    link: true,
    headers: { origin: null, 'sec-fetch-site': null },
  },
}

interface Cell {
  readonly route: Pick<Route, 'kind' | 'role'>
  readonly answers: readonly string[]
  readonly method: string
  readonly role: Role | null
  readonly sender: { readonly ours: boolean; readonly link: boolean }
  readonly hasToken: boolean
}

/** The one table: what must be answered. `in`: the route itself decides. */
function specified(cell: Cell): number | 'in' {
  const { method, role, sender, route } = cell
  const isRead = method === 'GET' || method === 'HEAD'
  if (method !== 'POST' && !isRead) return 405
  if (method === 'POST' && !sender.ours) return 403
  if (isRead && !sender.link) return 403
  if (role === null) return 401
  if (!cell.answers.includes(isRead ? 'GET' : 'POST')) return 405
  if (route.role === 'operator' && role !== 'operator') return 403
  if (method === 'POST' && !cell.hasToken) return 403
  return 'in'
}

const refusals = [401, 403, 405, 421]

/** No pipeline is called so; nothing happens where a route lets it in. */
function addressOf(path: string): string {
  return path.replaceAll(/:\w+/g, 'nosuch')
}

function fingerprint(folder: string): string {
  const hash = createHash('sha256')
  const walk = (path: string) => {
    for (const name of readdirSync(path).toSorted()) {
      const file = join(path, name)
      if (statSync(file).isDirectory()) walk(file)
      // What was looked at is written down, which is the point of it.
      else if (name !== 'audit.jsonl') {
        hash.update(file).update(readFileSync(file))
      }
    }
  }
  walk(folder)
  return hash.digest('hex')
}

describe('every route, method, role and sender', () => {
  it('is answered as the table says, in every cell', async () => {
    const origin = `http://127.0.0.1:${stage.console.port}`
    const wrong: string[] = []
    let cells = 0
    for (const route of routes) {
      const answers = routes
        .filter(({ path }) => path === route.path)
        .map(methodOf)
      for (const method of methods) {
        for (const role of roles) {
          for (const [name, sender] of Object.entries(senders)) {
            for (const hasToken of method === 'POST'
              ? [true, false]
              : [false]) {
              const csrf = role === null ? 'x'.repeat(43) : tokens[role]
              const headers = Object.fromEntries(
                Object.entries(sender.headers).map(([header, value]) => [
                  header,
                  value === 'OWN' ? origin : value,
                ]),
              )
              const { status } = await knock(
                stage.console,
                addressOf(route.path),
                {
                  method,
                  headers,
                  ...(role !== null && { cookie: cookies[role] }),
                  ...(method === 'POST' && {
                    form: { csrf: hasToken ? csrf : `${csrf}x` },
                  }),
                },
              )
              const posted = routes.find(
                (each) =>
                  each.path === route.path &&
                  methodOf(each) === (method === 'POST' ? 'POST' : 'GET'),
              )
              const want = specified({
                route: posted ?? route,
                answers,
                method,
                role,
                sender,
                hasToken,
              })
              const isRight =
                want === 'in' ? !refusals.includes(status) : status === want
              cells += 1
              if (!isRight) {
                wrong.push(
                  `${method} ${route.path} as ${role} by ${name}, token ${hasToken}: ${status}, not ${want}`,
                )
              }
            }
          }
        }
      }
    }
    expect(wrong).toEqual([])
    expect(cells).toBe(routes.length * 3 * 8 * (methods.length + 1))
  })

  it('changes nothing by being read', async () => {
    const before = fingerprint(stage.folder)
    for (const { path } of routes) {
      for (const name of ['demo', 'nosuch']) {
        const address = path.replace(':name', name).replaceAll(/:\w+/g, 'x')
        const { status } = await knock(stage.console, address, {
          cookie: cookies.operator,
        })
        expect(status).toBeLessThan(500)
      }
    }
    expect(fingerprint(stage.folder)).toBe(before)
  })

  it('carries the headers that forbid everything else, whatever is answered', async () => {
    const asked: [string, Knocking][] = [
      ['/', {}],
      ['/', { cookie: cookies.viewer }],
      ['/nosuch', { cookie: cookies.viewer }],
      ['/pipeline/demo/start', { method: 'POST' }],
      ['/', { headers: { host: 'evil.com' } }],
      ['/', { method: 'TRACE' }],
    ]
    for (const [path, knocking] of asked) {
      const { headers } = await knock(stage.console, path, knocking)
      expect(headers).toMatchObject({
        'content-security-policy':
          "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': 'no-store',
      })
    }
  })
})

describe('logging in', () => {
  it('is refused after ten wrong tokens, also with the right one', async () => {
    const other = await startStage({})
    try {
      const attempt = async (token: string) =>
        await knock(other.console, '/login', {
          method: 'POST',
          form: { token },
        })
      const right = tokenOf(other.console, 'operator')
      const wrong = `${right.slice(1)}A`
      for (let tries = 0; tries < 10; tries += 1) {
        expect((await attempt(wrong)).status).toBe(401)
      }
      const refused = await attempt(right)
      expect(refused.status).toBe(429)
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
      expect(refused.cookies).toEqual([])
    } finally {
      await other.close()
    }
  })

  it('leads only to addresses of ours', async () => {
    const nexts = ['https://evil.com', '//evil.com', '/\\evil.com', 'evil', '']
    for (const next of nexts) {
      const { headers } = await knock(stage.console, '/login', {
        method: 'POST',
        form: { token: tokenOf(stage.console, 'viewer'), next },
      })
      expect([next, headers['location']]).toEqual([next, '/'])
    }
  })

  it('takes no form that is large', async () => {
    const { status } = await knock(stage.console, '/pipeline/demo/start', {
      method: 'POST',
      cookie: cookies.operator,
      form: { csrf: tokens.operator, what: 'x'.repeat(70_000) },
    })
    expect(status).toBe(413)
  })

  it('needs a token that nobody else on this machine can read', () => {
    const mode = (file: string) => statSync(file).mode & 0o777
    expect(mode(stage.console.tokens.operator)).toBe(0o600)
    expect(mode(stage.console.tokens.viewer)).toBe(0o600)
    expect(mode(join(stage.folder, 'warehouse', '.console'))).toBe(0o700)
  })
})
