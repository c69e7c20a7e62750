/** What every answer needs: who knocks, the project, the templates. */
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'
import type { Clock } from '../clock.js'
import {
  type Address,
  isSame,
  type Knock,
  type Refusal,
  refusalStatus,
} from './guard.js'
import type { Route } from './page.js'
import type { Project } from './project.js'
import { renderPage, type Shown } from './render.js'
import { LoginLimit, type Session, Sessions, type Tokens } from './session.js'
import { loadTemplates, type Templates } from './template.js'

/** One request, as far as it is known. */
export interface Visit {
  readonly knock: Knock
  readonly session: Session | null
  readonly cookie: string | undefined
  readonly url: URL
  readonly params: Readonly<Record<string, string>>
  /** Of the other end, for the login's limit. */
  readonly remote: string
}

export interface Bindings {
  Bindings: HttpBindings
  Variables: { visit: Visit }
}

export interface DoorOptions {
  readonly project: Project
  readonly tokens: Tokens
  readonly address: Address
  /** Served by TLS, here or by the declared proxy. */
  readonly isSecure: boolean
  readonly clock: Clock
  readonly routes: readonly Route[]
  /** Errors that are nobody's doing. */
  readonly report: (error: Error) => void
}

export class Door {
  readonly project: Project
  readonly tokens: Tokens
  readonly address: Address
  readonly isSecure: boolean
  readonly clock: Clock
  readonly sessions: Sessions
  readonly limit: LoginLimit
  readonly templates: Templates
  readonly report: (error: Error) => void
  /** Paths that can be linked to. */
  readonly paths: ReadonlySet<string>

  constructor(options: DoorOptions) {
    this.project = options.project
    this.tokens = options.tokens
    this.address = options.address
    this.isSecure = options.isSecure
    this.clock = options.clock
    this.report = options.report
    this.paths = new Set(options.routes.map(({ path }) => path))
    this.sessions = new Sessions(options.clock)
    this.limit = new LoginLimit(options.clock)
    this.templates = loadTemplates()
  }

  /** Cookies do not know ports, and two consoles may run on one machine. */
  get cookie(): string {
    const [host = ''] = this.address.hosts
    const port = /:(\d+)$/.exec(host)?.[1] ?? ''
    return this.isSecure ? '__Host-console' : `console_${port}`
  }

  receive(context: Context<Bindings>): Visit {
    const { req } = context
    const cookie = getCookie(context, this.cookie)
    const session = this.sessions.find(cookie)
    return {
      knock: {
        method: req.method,
        host: req.header('host'),
        origin: req.header('origin'),
        site: req.header('sec-fetch-site'),
        mode: req.header('sec-fetch-mode'),
        role: session?.role ?? null,
        hasToken: false,
      },
      session,
      cookie,
      url: new URL(req.url),
      params: {},
      remote: context.env.incoming.socket.remoteAddress ?? '',
    }
  }

  hasToken({ session }: Visit, form: URLSearchParams): boolean {
    return session !== null && isSame(form.get('csrf') ?? '', session.token)
  }

  show(visit: Visit, shown: Shown): Response {
    const notice = visit.session?.notice ?? null
    if (visit.session !== null) visit.session.notice = null
    const page = renderPage(this, visit, { ...shown, notice })
    return new Response(page, {
      status: shown.status ?? 200,
      headers: { 'content-type': 'text/html; charset=utf-8' },
    })
  }

  /** Who is not logged in sees the login, whatever was asked for. */
  async refuse(
    context: Context<Bindings>,
    refusal: Refusal,
  ): Promise<Response> {
    const status = refusalStatus[refusal]
    const visit = context.get('visit')
    if (refusal === 'no_session') {
      return this.login(visit, { status: 401, problem: '' })
    }
    if (refusal === 'wrong_role') {
      const text =
        'This needs the operator token; you are logged in as a viewer.'
      return this.problem(visit, 403, text)
    }
    if (refusal === 'no_token') {
      const text =
        'The form is of an older session. Go back, reload, and send it again.'
      return this.problem(visit, 403, text)
    }
    return new Response('Refused.', { status })
  }

  login(
    visit: Visit,
    { status, problem }: { status: 200 | 401 | 429; problem: string },
  ): Response {
    const isGet = visit.knock.method === 'GET'
    const next = isGet ? `${visit.url.pathname}${visit.url.search}` : '/'
    const model = { next: next === '/login' ? '/' : next, problem }
    return this.show(
      { ...visit, session: null },
      { title: 'Log in', template: 'login', model, status },
    )
  }

  missing(visit: Visit): Response {
    return this.problem(visit, 404, 'There is no such page.')
  }

  problem(visit: Visit | undefined, status: number, text: string): Response {
    if (visit === undefined) return new Response(text, { status })
    const title = status === 404 ? 'Not found' : 'That did not work'
    return this.show(visit, {
      title,
      template: 'problem',
      model: { text },
      status,
    })
  }
}
