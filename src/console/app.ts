/** Every request of the console: guard, session, route, page. */
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { asError, exitCode, PipelineError } from '../error.js'
import { assetRoutes } from './asset.js'
import { answerAction, answerDownload, answerPage } from './answer.js'
import { answerLive } from './live.js'
import { type Bindings, Door, type Visit } from './door.js'
import { formOf } from './form.js'
import { type Refusal, refuseKnock, refuseRoute } from './guard.js'
import { loginRoutes } from './login.js'
import { securityHeaders } from './header.js'
import { methodOf, type Route } from './page.js'

/** Bytes of a form. */
const formLimit = 64 * 1024

/**
 * The console as a fetch handler. In order: Host, method, origin, session,
 * route, role, the form's token; a route sees nothing before all have agreed.
 */
export function createApp(
  door: Door,
  routes: readonly Route[],
): Hono<Bindings> {
  const app = new Hono<Bindings>()
  app.use(async (context, next) => {
    const visit = door.receive(context)
    context.set('visit', visit)
    const refusal = refuseKnock(visit.knock, door.address)
    if (refusal === null) await next()
    else context.res = await door.refuse(context, refusal)
    securityHeaders(context.res.headers, door.isSecure)
  })
  app.onError((thrown, context) => failed(door, context.get('visit'), thrown))
  assetRoutes(app)
  loginRoutes(app, door)
  app.use(async (context, next) => {
    if (context.get('visit').session !== null) return await next()
    return await door.refuse(context, 'no_session')
  })
  for (const route of routes) add(app, door, route)
  const methods = pathMethods(routes)
  for (const path of methods.keys()) {
    app.all(path, (context) => door.refuse(context, 'wrong_method'))
  }
  app.notFound((context) => door.missing(context.get('visit')))
  return app
}

function pathMethods(routes: readonly Route[]): Map<string, string[]> {
  const methods = new Map<string, string[]>()
  for (const route of routes) {
    const known = methods.get(route.path) ?? []
    methods.set(route.path, [...known, methodOf(route)])
  }
  return methods
}

const tooLarge = () => new Response('The form is too large.', { status: 413 })

function add(app: Hono<Bindings>, door: Door, route: Route): void {
  if (route.kind !== 'action') {
    app.get(route.path, async (context) => {
      const visit = context.get('visit')
      const asked = { ...visit, params: context.req.param() }
      const refusal = refused(asked, route)
      if (refusal !== null) return await door.refuse(context, refusal)
      switch (route.kind) {
        case 'page':
          return await answerPage(door, route, asked)
        case 'download':
          return await answerDownload(door, route, asked)
        case 'live':
          return await answerLive(door, route, asked, context)
      }
    })
    return
  }
  const maxSize = route.limit ?? formLimit
  app.post(
    route.path,
    bodyLimit({ maxSize, onError: tooLarge }),
    async (context) => {
      const visit = context.get('visit')
      // A viewer's form is not even read.
      const early = refuseRoute(
        { ...visit.knock, hasToken: true },
        { role: route.role, changes: true },
      )
      if (early !== null) return await door.refuse(context, early)
      const form = await formOf(context.req.raw)
      if (form === null) {
        return new Response('Forms are sent as forms.', { status: 415 })
      }
      const hasToken = door.hasToken(visit, form)
      const asked = { ...visit, params: context.req.param() }
      const knock = { ...visit.knock, hasToken }
      const refusal = refused({ ...asked, knock }, route)
      if (refusal !== null) return await door.refuse(context, refusal)
      return await answerAction(door, route, { ...asked, form })
    },
  )
}

function refused(visit: Visit, route: Route): Refusal | null {
  const changes = route.kind === 'action'
  return refuseRoute(visit.knock, { role: route.role, changes })
}

/** What a person can mend is said; the rest is for the console's own log. */
function failed(
  door: Door,
  visit: Visit | undefined,
  thrown: unknown,
): Response {
  const error = asError(thrown)
  if (error instanceof PipelineError) {
    const status = error.exit === exitCode.badInput ? 400 : 409
    return door.problem(visit, status, error.message)
  }
  door.report(error)
  const text =
    'Something went wrong that is not your doing. The console says what on its own terminal.'
  return door.problem(visit, 500, text)
}
