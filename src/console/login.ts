/** Logging in by a token, and out. */
import type { Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { deleteCookie, setCookie } from 'hono/cookie'
import { goTo } from './answer.js'
import type { Bindings, Door } from './door.js'
import { formOf } from './form.js'
import { refuseRoute } from './guard.js'
import { roleOf } from './session.js'

const longestName = 80

export function loginRoutes(app: Hono<Bindings>, door: Door): void {
  const small = bodyLimit({ maxSize: 4096 })
  app.get('/login', (context) =>
    door.login(context.get('visit'), { status: 200, problem: '' }),
  )
  app.post('/login', small, (context) => login(context, door))
  app.post('/logout', small, (context) => logout(context, door))
}

async function login(
  context: Context<Bindings>,
  door: Door,
): Promise<Response> {
  const visit = context.get('visit')
  const wait = door.limit.wait(visit.remote)
  if (wait > 0) {
    const problem = `Too many wrong tokens. Try again in ${wait} seconds.`
    const refused = door.login(visit, { status: 429, problem })
    refused.headers.set('retry-after', String(wait))
    return refused
  }
  const form = await formOf(context.req.raw)
  if (form === null) return new Response('Not a form.', { status: 415 })
  const role = roleOf((form.get('token') ?? '').trim(), door.tokens)
  if (role === null) {
    door.limit.failed(visit.remote)
    const problem =
      'That is not a token of this console. Its files are named where the console was started.'
    return door.login(visit, { status: 401, problem })
  }
  const who = nameOf(form.get('who') ?? '') || role
  if (visit.cookie !== undefined) door.sessions.end(visit.cookie)
  setCookie(context, door.cookie, door.sessions.begin({ role, who }), {
    httpOnly: true,
    sameSite: 'Strict',
    secure: door.isSecure,
    path: '/',
  })
  await door.project.audit({ who, role, what: 'login' })
  return moved(context, form.get('next') ?? '/')
}

async function logout(
  context: Context<Bindings>,
  door: Door,
): Promise<Response> {
  const visit = context.get('visit')
  const form = await formOf(context.req.raw)
  const hasToken = form !== null && door.hasToken(visit, form)
  const route = { role: 'viewer', changes: true } as const
  const refusal = refuseRoute({ ...visit.knock, hasToken }, route)
  if (refusal !== null) return await door.refuse(context, refusal)
  if (visit.cookie !== undefined) door.sessions.end(visit.cookie)
  deleteCookie(context, door.cookie, { path: '/', secure: door.isSecure })
  return moved(context, '/login')
}

/** Keeps the cookie that was set on the context. */
function moved(context: Context<Bindings>, to: string): Response {
  return context.redirect(goTo(to).headers.get('location') ?? '/', 303)
}

/** One line of plain text: it becomes the author of decisions. */
function nameOf(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '')
    .trim()
    .slice(0, longestName)
}
