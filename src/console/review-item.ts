/** One doubtful cluster or pair, side by side, and what is decided of it. */
import { instant } from '../clock.js'
import { badInput } from '../error.js'
import { formatShare } from '../format.js'
import { plainText, type Verdict } from '../pipeline/decision.js'
import { readOnlyFields } from '../pipeline/field.js'
import type { OverrideForm } from '../pipeline/override-edit.js'
import { foldersOf } from '../run/folder.js'
import { takeDecisions, type TakeRequest } from '../run/take-decision.js'
import {
  type Action,
  type ActionRequest,
  goTo,
  type Page,
  type PageRequest,
  type Route,
} from './page.js'
import { inTurn } from './lead-turn.js'
import type { PipelineFile } from './pipeline-file.js'
import { compareLeads } from './review-compare.js'
import { effectSaid } from './review-said.js'
import {
  decisionsJson,
  findItem,
  type QueueItem,
  readLeads,
  risksOf,
} from './review-queue.js'
import { decide, decisionFile } from './settings-decision.js'
import { commitWords, freshLoaded } from './settings-place.js'

interface Found {
  readonly file: PipelineFile
  readonly item: QueueItem
}

async function foundOf(request: PageRequest): Promise<Found | null> {
  const { project, params, clock } = request
  const file = await project.pipeline(params['name'])
  if (file === null) return null
  const day = instant(clock).slice(0, 10)
  const decisions = decisionsJson(file.loaded?.pipeline.overrides ?? [], day)
  const item = await project.published(
    file.name,
    async (queries) => await findItem(queries, decisions, params['item'] ?? ''),
  )
  return item === null ? null : { file, item }
}

const page: Page = {
  kind: 'page',
  path: '/pipeline/:name/review/item/:item',
  role: 'viewer',
  template: 'review-item',
  async load(request) {
    const found = await foundOf(request)
    if (found === null) return null
    const { file, item } = found
    const { project, visitor } = request
    const { name } = file
    const reveal = visitor.role === 'operator'
    const ids = item.leadIds.slice(0, 12)
    const leads =
      (await project.published(
        name,
        async (queries) => await readLeads(queries, ids),
      )) ?? []
    if (reveal) {
      const about = `${item.item}, ${leads.length} leads`
      const what = 'read_values'
      await project.audit({ ...visitor, what, pipeline: name, about })
    }
    const fields = compareLeads(leads, reveal)
    return {
      title: `${item.item} of ${name}`,
      pipeline: name,
      trail: reviewTrail(name),
      model: {
        name,
        item: item.item,
        kind: item.kind,
        service: item.service,
        reason: item.reason,
        isDecided: item.isDecided,
        probability:
          item.probability === null ? '' : formatShare(item.probability),
        risks: risksOf(item),
        leads: leads.map(({ id }) => id),
        hidden: item.leads - leads.length,
        fields: fields.map(({ field, values, differs }) => ({
          field,
          differs,
          values: values.map((value, index) => ({
            lead: leads[index]?.id ?? '',
            value,
          })),
        })),
        writable: fields
          .map(({ field }) => field)
          .filter((field) => !readOnlyFields.includes(field)),
        reveal,
      },
    }
  },
}

export function reviewTrail(name: string) {
  const home = `/pipeline/${encodeURIComponent(name)}`
  return [
    { text: name, to: home },
    { text: 'Review', to: `${home}/review` },
  ]
}

const verdicts: Readonly<Record<string, Verdict>> = {
  same: 'same',
  different: 'different',
  winner: 'winner',
}

const decideItem: Action = {
  kind: 'action',
  path: '/pipeline/:name/review/item/:item/decide',
  role: 'operator',
  async act(request) {
    const found = await foundOf(request)
    if (found === null) return null
    const verdict = verdicts[request.form.get('as') ?? '']
    if (verdict === undefined) await overrideItem(request, found)
    else await takeItem(request, found, verdict)
    const { name } = found.file
    const effect = await effectSaid(request, name)
    const files = [decisionFile(name), `pipelines/${name}.label.csv`]
    const text = `Decided ${found.item.item}. ${effect}${commitWords(verdict === undefined ? files.slice(0, 1) : files)}`
    return goTo(`/pipeline/${encodeURIComponent(name)}/review`, 'good', text)
  },
}

/** Same, different or winner: as `pipeline review --decide` takes it. */
async function takeItem(
  { form, project, visitor, clock }: ActionRequest,
  { file, item }: Found,
  verdict: Verdict,
): Promise<void> {
  const said = (key: string) => form.get(key)?.trim() ?? ''
  const [a, b] = [said('a'), said('b')]
  const winner = said('winner')
  if (verdict === 'winner' && winner === '') {
    throw badInput('bad_form', 'Say which lead is to stay.')
  }
  const folders = foldersOf(project.dir, file.name)
  const request: TakeRequest = {
    folders,
    file: file.path,
    load: async () => await freshLoaded(project, file),
    decisions: [
      {
        item: item.item,
        verdict,
        pair: a === '' || b === '' ? null : [a, b],
        winner: verdict === 'winner' ? winner : null,
        author: plainText(visitor.who),
        reason: reasonOf(form),
        line: 1,
        column: 1,
      },
    ],
    source: 'the decision',
    author: visitor.who,
    at: instant(clock),
  }
  await inTurn(folders.published, async () => await takeDecisions(request))
  const { who, role } = visitor
  const about = `${verdict} ${item.item}`
  await project.audit({ who, role, what: 'decide', pipeline: file.name, about })
}

/** A value that is to stay, or leads that are to be left alone. */
async function overrideItem(
  request: ActionRequest,
  { file, item }: Found,
): Promise<void> {
  const { form, visitor } = request
  const decisions = decisionsOf(form, visitor.who, item.leadIds)
  await decide(request, file, { change: 'add', decisions })
}

/** What a form of a cluster or a plan row asks for, beside verdicts. */
export function decisionsOf(
  form: URLSearchParams,
  who: string,
  leads: readonly string[],
): OverrideForm[] {
  const said = (key: string) => form.get(key)?.trim() ?? ''
  const rest = { author: who, reason: reasonOf(form), until: said('until') }
  const [first = ''] = leads
  switch (said('as')) {
    case 'flag':
      return leads.map((leadId) => ({ kind: 'exclude', leadId, ...rest }))
    case 'value': {
      const [field, value] = [said('field'), said('value')]
      return [{ kind: 'value', leadId: first, field, value, ...rest }]
    }
    case 'winner':
      return [{ kind: 'winner', leadId: said('winner'), ...rest }]
    case 'apart': {
      const leadId = said('apart')
      return leads
        .filter((otherId) => otherId !== leadId)
        .map((otherId) => ({ kind: 'never_merge', leadId, otherId, ...rest }))
    }
    default:
      throw badInput('bad_form', 'Say what you decided, and send it again.')
  }
}

/** Every decision says why; whoever reads it later was not there. */
function reasonOf(form: URLSearchParams): string {
  const reason = plainText(form.get('reason')?.trim() ?? '')
  if (reason !== '') return reason
  throw badInput('no_reason', 'Say why, so that others can judge it later.')
}

export const itemRoutes: readonly Route[] = [page, decideItem]
