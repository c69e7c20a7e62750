/**
 * What a page of the console is.
 *
 * How to add a page:
 * 1. `NAME.ts` exports `const NAMERoutes: readonly Route[]`. A page has a path,
 *    the role that may see it, the name of its template and a `load`, which
 *    reads published files, logs and pipeline files by `request.project` and
 *    returns the title and a plain object; null is a 404.
 * 2. `NAME.hbs` beside it shows that object in plain HTML. Every `{{value}}` is
 *    escaped; raw output does not compile. Attributes are quoted. An address
 *    of ours is `href="{{path "pipeline" name "run" id}}"`.
 * 3. What changes anything is an action: a POST with its own path and role.
 *    Its form carries `{{> csrf}}`. `act` returns where to go next, and what
 *    to say there once. GET never changes anything.
 * 4. Add NAMERoutes to `routes.ts`. Guard, session, layout, headers and limits
 *    are applied to every route by `app.ts`; test/console/attack.test.ts walks
 *    all of them.
 */
import type { Clock } from '../clock.js'
import type { Project } from './project.js'

/** A viewer reads, with lead values masked; an operator sees and acts. */
export type Role = 'viewer' | 'operator'

export interface Visitor {
  readonly role: Role
  /** As typed at login: the author of what is done. */
  readonly who: string
}

export interface PageRequest {
  /** By name, decoded: `/pipeline/:name` has `name`. Never trusted. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly visitor: Visitor
  readonly project: Project
  readonly clock: Pick<Clock, 'now' | 'sleep'>
}

export interface PageView {
  readonly title: string
  /** What the template shows; plain objects, because prototypes are hidden. */
  readonly model: object
  readonly status?: 200 | 400 | 409 | 422
  /** Where the page is, below the overview. */
  readonly trail?: readonly { readonly text: string; readonly to: string }[]
  /** A page of this pipeline: its tabs are shown. */
  readonly pipeline?: string
  /** Seconds after which a browser without scripts looks again. */
  readonly refresh?: number
}

export interface Page {
  readonly kind: 'page'
  /** As hono writes it; unique together with the method. */
  readonly path: string
  readonly role: Role
  /** File beside the source, without `.hbs`. */
  readonly template: string
  load(request: PageRequest): Promise<PageView | null>
}

export interface ActionRequest extends PageRequest {
  readonly form: URLSearchParams
}

export type ActionResult =
  /** See another page; `say` is shown there once. */
  | { readonly kind: 'go'; readonly to: string; readonly say?: Notice }
  /** Shows a page in place, for example a form with its mistakes. */
  | (PageView & { readonly kind: 'show'; readonly template: string })

export interface Notice {
  readonly tone: 'good' | 'bad'
  readonly text: string
}

/** What an action returns that has nothing more to show than words. */
export function goTo(
  to: string,
  tone: Notice['tone'],
  text: string,
): ActionResult {
  return { kind: 'go', to, say: { tone, text } }
}

export interface Action {
  readonly kind: 'action'
  readonly path: string
  readonly role: Role
  /** Bytes of the form; 64 KB where nothing is said. */
  readonly limit?: number
  /** A PipelineError is shown in its own words. null is a 404. */
  act(request: ActionRequest): Promise<ActionResult | null>
}

/** A file to keep, or a picture in a page. */
export interface Download {
  readonly kind: 'download'
  readonly path: string
  readonly role: Role
  load(request: PageRequest): Promise<Content | null>
}

export interface Content {
  readonly type:
    | 'image/svg+xml'
    | 'text/csv'
    | 'application/json'
    | 'text/html'
    | 'text/plain'
  readonly body: string
  /** Saved under this name; null: shown in the page that asks for it. */
  readonly file: string | null
}

/** Server-sent events. */
export interface Live {
  readonly kind: 'live'
  readonly path: string
  readonly role: Role
  /**
   * Sends until it is over or the signal says that nobody listens. `from` is
   * the id of the last event that the browser has, empty at first. null is a
   * 404.
   */
  open(
    request: PageRequest & { readonly from: string },
  ): Promise<((out: LiveOut, signal: AbortSignal) => Promise<void>) | null>
}

export interface LiveOut {
  send(event: string, data: object, id?: string): Promise<void>
}

export type Route = Page | Action | Download | Live

/** The method that a route answers. */
export function methodOf({ kind }: Route): 'GET' | 'POST' {
  return kind === 'action' ? 'POST' : 'GET'
}
