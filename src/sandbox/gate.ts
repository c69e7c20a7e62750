import type { Call, Route } from './call.js'
import { advanceExports } from './export-queue.js'
import type { Fault } from './fault.js'
import { isCounted } from './limit.js'
import type { ClientOption } from './option.js'
import { ApiError, codeOf, failure, type Reply } from './reply.js'
import { findRoute } from './router.js'
import type { Service } from './service.js'

export interface Request {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly text: string
}

/** The client that a token names, or the refusal of the call. */
function authenticate(
  service: Service,
  request: Request,
): ClientOption | ApiError {
  const { missingToken, queryToken } = service.behaviour
  const bearer = /^Bearer (.+)$/i.exec(request.headers['authorization'] ?? '')
  const token =
    bearer?.[1] ??
    (queryToken === 'accept' ? request.query.get('access_token') : null)
  if (token === null) {
    return missingToken === '603'
      ? new ApiError('603', 'Access denied')
      : new ApiError('600', 'Empty access token')
  }
  const check = service.tokens.check(token, service.now())
  if (check.ok) return check.client
  return check.code === '601'
    ? new ApiError('601', 'Access token invalid')
    : new ApiError('602', 'Access token expired')
}

/**
 * One API call: token, then the limits, then the endpoint; in the order of
 * the codes 601 and 602, 607, 615, 606, 603, 610.
 */
export async function answer(
  service: Service,
  request: Request,
  fault: Fault | null,
): Promise<Reply> {
  advanceExports(service)
  const client = authenticate(service, request)
  const user = client instanceof ApiError ? 'unknown' : client.user
  let reply: Reply
  try {
    reply =
      client instanceof ApiError
        ? refused(service, request, user, fault, client)
        : await admitted(service, request, client, fault)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    reply = refused(service, request, user, fault, error)
  }
  const code = codeOf(reply)
  const bulkFree =
    request.path.startsWith('/bulk') && !service.behaviour.bulkCounts
  const counted = isCounted(code) && !bulkFree
  const at = service.now()
  service.commit([{ kind: 'call', call: { at, user, counted, code } }])
  return reply
}

async function admitted(
  service: Service,
  request: Request,
  client: ClientOption,
  fault: Fault | null,
): Promise<Reply> {
  const refusal = service.limitDesk.refusal(service.now())
  if (refusal !== null) throw new ApiError(refusal.code, refusal.message)
  const injected = injectedReply(fault)
  const found = findRoute(request.method, request.path)
  if (found.kind === 'method') {
    throw new ApiError(
      '605',
      `Request method '${request.method}' not supported`,
    )
  }
  if (found.kind === 'none') {
    throw new ApiError('610', 'Requested resource not found')
  }
  if (!isPermitted(client, found.route)) {
    throw new ApiError('603', 'Access denied')
  }
  if (injected !== null) {
    noteRefused(service, request, client.user, fault, codeOf(injected))
    return injected
  }
  const call: Call = {
    service,
    client,
    method: request.method,
    params: found.params,
    query: request.query,
    headers: request.headers,
    text: request.text,
    fault,
    n: found.route.write === undefined ? 0 : service.nextWrite(),
  }
  return await execute(call, found.route, request)
}

async function execute(
  call: Call,
  route: Route,
  request: Request,
): Promise<Reply> {
  const { service, fault } = call
  if (fault?.kind === 'late') {
    noteRefused(service, request, call.client.user, fault, '604', call.n)
    service.later(fault.seconds * 1000, async () => {
      await route.handler(call)
    })
    return failure('604', 'Request timed out')
  }
  await service.sleep(readLatency(service, route))
  return await handle(call, route, request)
}

/** The endpoint's answer; a refused write is logged under its number. */
async function handle(
  call: Call,
  route: Route,
  request: Request,
): Promise<Reply> {
  try {
    return await route.handler(call)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const { service, client, fault, n } = call
    noteRefused(service, request, client.user, fault, error.code, n)
    return failure(error.code, error.message)
  }
}

function readLatency(service: Service, route: Route): number {
  if (route.write !== undefined) return 0
  return service.random.between(...service.timing.readLatency)
}

/** A read-write permission includes the read-only one. */
function isPermitted(client: ClientOption, route: Route): boolean {
  const { permissions } = client
  if (permissions === undefined || route.permission === undefined) return true
  const wider = route.permission.replace('Read-Only', 'Read-Write')
  return permissions.includes(route.permission) || permissions.includes(wider)
}

function injectedReply(fault: Fault | null): Reply | null {
  if (fault?.kind === 'error') {
    return failure(fault.code, fault.message ?? `Injected ${fault.code}`)
  }
  if (fault?.kind === 'numeric-codes') {
    const errors = [{ code: Number(fault.code), message: 'Injected' }]
    return { kind: 'json', status: 200, body: { success: false, errors } }
  }
  if (fault?.kind === 'empty-errors') {
    return { kind: 'json', status: 200, body: { success: false, errors: [] } }
  }
  if (fault?.kind === 'file-missing') {
    return { kind: 'text', status: 404, text: 'File not found' }
  }
  return null
}

function refused(
  service: Service,
  request: Request,
  user: string,
  fault: Fault | null,
  error: ApiError,
): Reply {
  noteRefused(service, request, user, fault, error.code)
  return failure(error.code, error.message)
}

/** Writes that changed nothing are in the write log too. */
export function noteRefused(
  service: Service,
  request: Request,
  user: string,
  fault: Fault | null,
  code: string | null,
  n?: number,
): void {
  const found = findRoute(request.method, request.path)
  if (found.kind !== 'route' || found.route.write === undefined) return
  const write = {
    n: n ?? service.nextWrite(),
    at: service.now(),
    endpoint: found.route.write,
    user,
    request: { path: request.path, query: request.query.toString() },
    applied: false,
    appliedAt: null,
    code,
    fault: fault?.kind ?? null,
  }
  service.commit([{ kind: 'write', write }])
}
