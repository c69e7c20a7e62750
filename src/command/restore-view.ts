import { counted } from '../format.js'
import type { PlanHeader } from '../load/plan.js'
import type { Restoration } from '../load/restore-plan.js'
import { printable } from './output.js'

/** What no restore can bring back; Marketo's API offers no way. */
const lost = [
  'the old ids: a lead that went gets a new one',
  'activities and their history, which stay with the winner',
  'links to the CRM, and what only the CRM or Marketo writes (createdAt, …)',
  'what a program remembers of a member but its status: success, dates, stream',
  'membership of campaigns, and of smart lists where rules differ',
  'the winner leaving the lists and programs that it joined by the merge',
]

const shown = 5

/** Fields that every lead has of its own; nobody misses the old ones. */
const own = ['id', 'createdAt', 'updatedAt', 'isLead', 'personType']

function missed(lead: Restoration['leads'][number]): readonly string[] {
  const system = [...own, 'leadPartitionId', 'isAnonymous']
  return lead.lost.filter((field) => !system.includes(field))
}

function some(names: readonly string[]): string {
  const more = names.length > shown ? ` and ${names.length - shown} more` : ''
  return `${names.slice(0, shown).join(', ')}${more}`
}

function value(text: string | null): string {
  return text === null ? 'empty' : printable(text)
}

function winnerLines(one: Restoration): string[] {
  const { winner, back, changed, consent, locked } = one
  if (one.winnerIsGone) {
    return [`  = ${winner} is gone itself, so its values cannot be given back`]
  }
  const rest = [
    [changed, 'changed since, left alone'],
    [consent, 'an opt-out is never taken back'],
    [locked, 'cannot be written'],
  ] as const
  return [
    `  ~ ${winner} ${back.length === 0 ? 'stays as it is' : 'as before'}`,
    ...back.map(
      ({ field, now, was }) =>
        `      ${field}  ${value(was)}   now ${value(now)}`,
    ),
    ...stays(one.joined).map((where) => `      ${where}`),
    ...rest.flatMap(([fields, why]) =>
      fields.length === 0 ? [] : [`      ${some(fields)}  ${why}`],
    ),
  ]
}

function stays({ lists, programs }: Restoration['joined']): string[] {
  const where = [
    ...(lists.length === 0 ? [] : [`on list ${some(lists)}`]),
    ...(programs.length === 0 ? [] : [`in program ${some(programs)}`]),
  ]
  if (where.length === 0) return []
  return [`stays ${where.join(' and ')}, where the merge put it`]
}

/** Where a new lead goes back to. */
function places({ lists, programs }: Restoration['leads'][number]): string {
  const missing = [
    ...(lists === null ? ['lists'] : []),
    ...(programs === null ? ['programs'] : []),
  ]
  return [
    ...(lists === null
      ? []
      : [
          lists.length === 0
            ? 'on no list'
            : `back on ${counted(lists.length, 'list')}`,
        ]),
    ...(programs === null
      ? []
      : [
          programs.length === 0
            ? 'in no program'
            : `back in ${counted(programs.length, 'program')}`,
        ]),
    ...(missing.length === 0
      ? []
      : [`its ${missing.join(' and ')} were not kept (load.keep)`]),
  ].join(', ')
}

function leadLines(lead: Restoration['leads'][number]): string[] {
  return [
    `  + ${lead.id} as a new lead: ${counted(lead.fields, 'field')}, ${places(lead)}`,
    ...(lead.twins.length === 0
      ? []
      : [
          `      its email is also that of ${some(lead.twins)}; both stay apart`,
        ]),
    ...(lead.consent.length === 0
      ? []
      : [`      ${some(lead.consent)}  taken over: an opt-out stays`]),
    ...(missed(lead).length === 0
      ? []
      : [`      cannot be written: ${some(missed(lead))}`]),
  ]
}

function mergeLines(one: Restoration): string[] {
  return [
    `${one.row} of ${one.run === null ? `plan ${one.plan}` : `run ${one.run}`}`,
    ...winnerLines(one),
    ...one.leads.flatMap(leadLines),
    ...one.before.map(
      ({ id, as }) => `  = ${id} was made anew before, as ${as}`,
    ),
    ...one.live.map((id) => `  = ${id} is in Marketo still`),
    ...one.unknown.map((id) => `  ! nothing was kept of ${id}`),
  ]
}

/** What giving merges back would do, as a person reads it. */
export function restoreLines(
  header: PlanHeader,
  restorations: readonly Restoration[],
): string[] {
  const { creates = 0, updates, price } = header
  const all = restorations.flatMap(mergeLines)
  const most = 60
  const hidden = all.length - most
  return [
    `Restore of ${counted(restorations.length, 'merge')} for ${header.pipeline}: ${counted(creates, 'lead')} made anew, ${counted(updates, 'winner')} as before, about ${counted(price.calls, 'call')}`,
    '',
    ...all.slice(0, most),
    ...(hidden > 0
      ? [`… ${counted(hidden, 'more line')}; --json has all`]
      : []),
    '',
    'Cannot return:',
    ...lost.map((each) => `  ${each}`),
  ]
}

/** The lines after applying. */
export function restoredLines(
  header: PlanHeader,
  made: ReadonlyMap<string, string>,
): string[] {
  if (header.updates + (header.creates ?? 0) === 0) {
    return ['There was nothing to give back; nothing was sent.']
  }
  const pairs = [...made].map(([old, id]) => `${old} → ${id}`)
  return [
    `Restored. ${counted(made.size, 'lead')} made anew${pairs.length === 0 ? '' : `: ${some(pairs)}`}.`,
    ...(made.size === 0
      ? []
      : [
          `They will not be merged again: pipelines/${header.pipeline}.override.csv says never_merge.`,
          `  try  pipeline show ${header.pipeline} --inline "select loser_id, restored_as_id from merge_history where restored_as_id is not null"`,
        ]),
  ]
}
