/** Pages within their layout. */
import { assetPath } from './asset.js'
import type { Door, Visit } from './door.js'
import type { Notice, PageView } from './page.js'
import { localPath } from './template.js'

export type Shown = Omit<PageView, 'status'> & {
  readonly template: string
  readonly status?: number
  readonly notice?: Notice | null
}

/** Pages of one pipeline, where they are routed. */
const tabs = [
  ['', 'Pipeline'],
  ['review', 'Review'],
  ['lead', 'Leads'],
  ['quality', 'Quality'],
  ['settings', 'Settings'],
] as const

/** The whole page. The template sees its model, and ours as `page`. */
export function renderPage(door: Door, visit: Visit, shown: Shown): string {
  const { session, url } = visit
  const page = {
    csrf: session?.token ?? '',
    isOperator: session?.role === 'operator',
    isKnown: session !== null,
    who: session?.who ?? '',
    role: session?.role ?? '',
  }
  const body = door.templates.fill(shown.template, { ...shown.model, page })
  return door.templates.surround(body, {
    page,
    title: shown.title,
    trail: (shown.trail ?? []).map(({ text, to }) => ({
      text,
      to: to.split('/').slice(1).map(decodeURIComponent),
    })),
    tabs: tabsOf(door, url.pathname, shown.pipeline),
    notice: shown.notice ?? null,
    refresh: shown.refresh ?? 0,
    style: assetPath('style.css'),
    script: assetPath('script.js'),
    icon: assetPath('icon.svg'),
  })
}

function tabsOf(door: Door, here: string, pipeline: string | undefined) {
  if (pipeline === undefined) return []
  return tabs
    .filter(([name]) => door.paths.has(pathOf(':name', name)))
    .map(([name, text]) => {
      const to = localPath(['pipeline', pipeline, ...(name ? [name] : [])])
      return { name, text, pipeline, isHere: here === to }
    })
}

function pathOf(pipeline: string, tab: string): string {
  return tab === '' ? `/pipeline/${pipeline}` : `/pipeline/${pipeline}/${tab}`
}
