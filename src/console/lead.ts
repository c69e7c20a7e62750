/** One lead: what is known of it, why, and every run and call with it. */
import { badInput } from '../error.js'
import type { Queries } from '../warehouse/session.js'
import {
  callsOf,
  changesOf,
  groupOf,
  leadsByEmail,
  leadState,
  mergesOf,
  plannedOf,
} from './lead-facts.js'
import { whyLines, whyParts } from './lead-why.js'
import { mask } from './mask.js'
import type { Action, Page, Route } from './page.js'
import type { PipelineFile } from './pipeline-file.js'
import { compareLeads } from './review-compare.js'
import { readLeads } from './review-queue.js'

const search: Page = {
  kind: 'page',
  path: '/pipeline/:name/lead',
  role: 'viewer',
  template: 'lead-search',
  async load({ project, params }) {
    const file = await project.pipeline(params['name'])
    if (file === null) return null
    const { name } = file
    const counts = await project.published(
      name,
      async ({ one }) =>
        await one<{ leads: number }>(
          'select count(*)::int as leads from main.lead where not is_deleted',
        ),
    )
    return {
      title: `Leads of ${name}`,
      pipeline: name,
      trail: [{ text: name, to: `/pipeline/${encodeURIComponent(name)}` }],
      model: {
        name,
        isPublished: counts !== null,
        leads: counts?.leads ?? 0,
        found: [],
        isSearched: false,
      },
    }
  },
}

/** By POST, so that no address ends up in a history or a log. */
const find: Action = {
  kind: 'action',
  path: '/pipeline/:name/find',
  role: 'viewer',
  async act({ project, params, form }) {
    const file = await project.pipeline(params['name'])
    if (file === null) return null
    const { name } = file
    const wanted = form.get('q')?.trim() ?? ''
    if (wanted === '') throw badInput('bad_form', 'Type an id or an address.')
    if (isId(wanted)) return { kind: 'go', to: leadPath(name, wanted) }
    const found =
      (await project.published(
        name,
        async (queries) => await leadsByEmail(queries, wanted),
      )) ?? []
    const [only] = found
    if (only !== undefined && found.length === 1) {
      return { kind: 'go', to: leadPath(name, only.id) }
    }
    return {
      kind: 'show',
      template: 'lead-search',
      title: `Leads of ${name}`,
      pipeline: name,
      trail: [{ text: name, to: `/pipeline/${encodeURIComponent(name)}` }],
      model: { name, isPublished: true, leads: 0, found, isSearched: true },
    }
  },
}

function isId(text: string): boolean {
  return /^[1-9]\d{0,17}$/.test(text)
}

function leadPath(name: string, id: string): string {
  return `/pipeline/${encodeURIComponent(name)}/lead/${id}`
}

const page: Page = {
  kind: 'page',
  path: '/pipeline/:name/lead/:id',
  role: 'viewer',
  template: 'lead',
  async load(request) {
    const { project, params, query, visitor } = request
    const file = await project.pipeline(params['name'])
    const id = params['id'] ?? ''
    if (file === null || !isId(id)) return null
    const { name } = file
    const other = query.get('and')?.trim() ?? ''
    const and = isId(other) && other !== id ? other : ''
    const reveal = visitor.role === 'operator'
    // It compares keys anew, which takes a second or two.
    const isFull = reveal && (and !== '' || query.has('full'))
    const facts = await project.published(
      name,
      async (queries) => await factsOf(queries, id, reveal),
    )
    if (facts === null) return null
    if (reveal) {
      const about = `lead ${id}`
      const what = 'read_values'
      await project.audit({ ...visitor, what, pipeline: name, about })
    }
    return {
      title: `Lead ${id} of ${name}`,
      pipeline: name,
      trail: [
        { text: name, to: `/pipeline/${encodeURIComponent(name)}` },
        { text: 'Leads', to: `/pipeline/${encodeURIComponent(name)}/lead` },
      ],
      model: {
        name,
        id,
        reveal,
        ...facts,
        and,
        isFull,
        parts: isFull ? await whyParts(request, file, { id, and }) : [],
        why: isFull ? [] : await whyLines(request, file, id),
        decisions: decisionsOn(file, id),
      },
    }
  },
}

/** null where no lead of that id was ever seen. */
async function factsOf(queries: Queries, id: string, reveal: boolean) {
  const state = await leadState(queries, id)
  if (state === null) return null
  const leads = await readLeads(queries, [id])
  const changes = await changesOf(queries, id)
  const shown = (text: string) => (text === '' || reveal ? text : mask(text))
  const planned = await plannedOf(queries, id)
  const calls = await callsOf(queries, id)
  const merges = await mergesOf(queries, id)
  const touched = [...planned, ...calls, ...merges, ...changes]
  const group = await groupOf(queries, state.cluster)
  return {
    state,
    group: group && {
      ...group,
      leads: group.leads.filter((each) => each !== id),
    },
    fields: compareLeads(leads, reveal).map(({ field, values }) => ({
      field,
      value: values[0] ?? '',
    })),
    merges: merges.map((merge) => ({ ...merge, run: merge.run ?? '' })),
    changes: changes.map((change) => ({
      ...change,
      before: shown(change.before),
      after: shown(change.after),
    })),
    planned: planned.map((each) => ({
      ...each,
      plan: each.plan.slice(0, 12),
      status: each.status.replace('_', ' '),
    })),
    calls,
    runs: [...new Set(touched.map(({ run }) => run ?? ''))]
      .filter((run) => run !== '')
      .toSorted()
      .toReversed(),
  }
}

function decisionsOn({ loaded }: PipelineFile, id: string): object[] {
  return (loaded?.pipeline.overrides ?? [])
    .filter(({ leadId, otherId }) => leadId === id || otherId === id)
    .map(({ kind, leadId, otherId, field, author, reason, until }) => ({
      kind: kind.replaceAll('_', ' '),
      other: otherId === null ? '' : leadId === id ? otherId : leadId,
      field: field ?? '',
      author,
      reason,
      until: until ?? '',
    }))
}

export const leadRoutes: readonly Route[] = [search, find, page]
