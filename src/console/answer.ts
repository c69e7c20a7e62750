/** Answers of routes to visits that the guard let in. */
import type { Door, Visit } from './door.js'
import type { Action, Content, Download, Page, PageRequest } from './page.js'

export function requestOf(door: Door, visit: Visit): PageRequest {
  const { session, params, url } = visit
  if (session === null) throw new Error('A route was asked without a session.')
  return {
    params,
    query: url.searchParams,
    visitor: { role: session.role, who: session.who },
    project: door.project,
    clock: door.clock,
  }
}

export async function answerPage(
  door: Door,
  page: Page,
  visit: Visit,
): Promise<Response> {
  const view = await page.load(requestOf(door, visit))
  if (view === null) return door.missing(visit)
  return door.show(visit, { ...view, template: page.template })
}

export async function answerDownload(
  door: Door,
  download: Download,
  visit: Visit,
): Promise<Response> {
  const content = await download.load(requestOf(door, visit))
  if (content === null) return door.missing(visit)
  return new Response(content.body, { headers: contentHeaders(content) })
}

/** Pictures and reports may style themselves, and nothing more. */
function contentHeaders({ type, file }: Content): Record<string, string> {
  const saved = file?.replace(/[^\w.-]/g, '_')
  return {
    'content-type': `${type}; charset=utf-8`,
    'content-security-policy':
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox",
    ...(saved && { 'content-disposition': `attachment; filename="${saved}"` }),
  }
}

export async function answerAction(
  door: Door,
  action: Action,
  visit: Visit & { readonly form: URLSearchParams },
): Promise<Response> {
  const request = { ...requestOf(door, visit), form: visit.form }
  const result = await action.act(request)
  if (result === null) return door.missing(visit)
  if (result.kind === 'show') return door.show(visit, result)
  if (visit.session !== null) visit.session.notice = result.say ?? null
  return goTo(result.to)
}

/** Only to addresses of ours. */
export function goTo(to: string): Response {
  return new Response(null, {
    status: 303,
    headers: { location: isLocal(to) ? to : '/' },
  })
}

function isLocal(to: string): boolean {
  return /^\/(?![/\\])[\x21-\x7e]*$/.test(to)
}
