/** An explanation as about ten readable lines; pure. */
import { counted } from '../format.js'
import type {
  LeadExplanation,
  WhyComparison,
  WhyField,
  WhyKey,
  WhyMatch,
  WhyPair,
  WhyRow,
  WhyRule,
} from './why-document.js'
import { keyWords } from './why-rule.js'

const width = 16

function line(label: string, text: string): string {
  return `  ${label.padEnd(width - 4)}  ${text}`
}

/** `2026-11-21 05:07:31` */
function when(time: string | null): string {
  return time === null ? 'unknown' : time.replace('T', ' ').slice(0, 19)
}

function minute(time: string | null): string {
  return `${when(time).slice(0, 16)} UTC`
}

function value(text: string | null): string {
  return text === null ? 'empty' : text
}

const shown = 4

function some(parts: readonly string[], most = shown): string {
  const rest = parts.length - most
  return [
    ...parts.slice(0, most),
    ...(rest > 0 ? [`and ${rest} more`] : []),
  ].join(' · ')
}

export function explanationLines(it: LeadExplanation): string[] {
  if (it.pair !== null) return [...pairLines(it.pair), ...changedLines(it)]
  return [
    headline(it),
    ...it.rows.flatMap((row) => rowLines(row, it)),
    ...nowLines(it),
    ...(it.state.isGone ? [] : restLines(it)),
    ...changedLines(it),
  ]
}

function changedLines(it: LeadExplanation): string[] {
  return it.rulesChanged
    ? [line('note', 'rules or decisions have changed since the last run')]
    : []
}

function approval(row: WhyRow): string {
  return row.approvedBy.length === 0
    ? 'allowed by the guardrails'
    : `approved by ${row.approvedBy.join(', ')}`
}

function headline({ state, rows, group }: LeadExplanation): string {
  const { lead } = state
  const merge = rows.findLast(
    ({ role, status }) => role === 'loser' && status === 'done',
  )
  const as =
    state.restoredAs === null
      ? ''
      : ` A restore made it anew as ${state.restoredAs}.`
  if (merge !== undefined) {
    const later =
      state.mergedInto === null || state.mergedInto === merge.winner
        ? ''
        : `, which is now ${state.mergedInto}`
    return `${lead} was merged into ${merge.winner}${later} on ${minute(merge.endedAt)} (run ${merge.run ?? 'unknown'}, plan row ${merge.row}, ${approval(merge)}).${as}`
  }
  if (state.mergedInto !== null) {
    return `${lead} was merged into ${state.mergedInto} on ${minute(state.mergedAt)}, not by this pipeline.${as}`
  }
  if (state.isGone) {
    return `${lead} is not in Marketo any more; nobody told of a merge.`
  }
  const won = rows.filter(
    ({ role, status }) => role === 'winner' && status === 'done',
  )
  const taken = won.flatMap(({ losers }) => losers)
  if (taken.length > 0) {
    return `${lead} is in Marketo and took ${counted(taken.length, 'lead')}: ${some(taken, 6)}.`
  }
  const made = rows.find(({ role }) => role === 'restored')
  if (made !== undefined) {
    return `${lead} is in Marketo; a restore made it for ${made.winner} on ${minute(made.endedAt)} (run ${made.run ?? 'unknown'}).`
  }
  return group === null
    ? `${lead} is in Marketo and nobody's duplicate, as of ${minute(state.seenAt)}.`
    : `${lead} is in Marketo and has duplicates that are not merged: ${standing[group.status] ?? group.status}.`
}

/** What becomes of a group that is not merged. */
const standing: Readonly<Record<string, string>> = {
  merge: 'the next plan may merge them',
  deferred: 'a later run may merge them',
  review: 'a person has to decide',
}

/** Nothing touches the leads of a row that nobody could resolve. */
function frozenLines({ rows, pipeline }: LeadExplanation): string[] {
  const frozen = rows.findLast(({ isFrozen }) => isFrozen)
  if (frozen === undefined) return []
  const what = `row ${frozen.row} may or may not have happened, until a person has looked`
  return [line('blocked', `${what}: pipeline review ${pipeline} --frozen`)]
}

function side({ a, b }: WhyComparison): string {
  return `${value(a.typed)} = ${value(b.typed)}`
}

function samePerson(row: WhyRow, lead: string): string {
  const { keys, service } = row
  if (keys !== null) {
    const same = keys.comparisons
      .filter(({ part }) => part !== 'block')
      .map((one) => `${keyWords(one.key)} ${side(one)}`)
    return `${some(same)}  (rule ${service}, match ${keys.rule})`
  }
  const [pair] = row.pairs.filter(({ a, b }) => a === lead || b === lead)
  return pair === undefined
    ? `${row.rules.join(', ')}  (rule ${service})`
    : `${matchWords(pair)}  (${service})`
}

function matchWords(pair: WhyMatch): string {
  const { rule, probability, evidence } = pair
  const what =
    rule === -1
      ? 'a person said so'
      : probability === null
        ? `match ${rule}`
        : `probability ${probability.toFixed(3)}`
  return [what, ...(evidence === null ? [] : [evidence])].join(': ')
}

function fieldWords(field: WhyField): string {
  const from = field.from === null ? '' : ` from ${field.from}`
  const rule = field.rule === '' ? '' : ` (${field.rule.replaceAll('_', ' ')})`
  return `${field.field} = ${value(field.after)}${from}${rule}`
}

function isChange({ before, after }: WhyField): boolean {
  return before !== after
}

function mergeLines(row: WhyRow, lead: string): string[] {
  const mine =
    row.role === 'loser'
      ? row.fields.filter(({ from }) => from === lead)
      : row.fields.filter(isChange)
  const words = mine.map((field) =>
    field.kept
      ? `${field.field} = ${value(field.after)}, an opt-out is never lost`
      : fieldWords(field),
  )
  const label = row.role === 'loser' ? 'kept from it' : 'fields'
  return [
    line('same person', samePerson(row, lead)),
    line('winner', `${row.winner}: ${row.winnerReason}`),
    line(label, words.length === 0 ? 'nothing' : some(words)),
  ]
}

function rowLines(row: WhyRow, it: LeadExplanation): string[] {
  const name = `${row.row} of run ${row.run ?? 'none'}`
  const own =
    row.kind === 'merge'
      ? mergeLines(row, it.state.lead)
      : [
          line(
            row.kind === 'update' ? 'updated' : 'restored',
            row.kind === 'update'
              ? `${some(row.fields.map(fieldWords))}${row.winnerReason === '' ? '' : `, ${row.winnerReason}`}  (${name}, ${minute(row.endedAt)})`
              : `${row.winner} as ${row.newId ?? 'nobody'}: ${counted(row.fields.length, 'field')}  (${name}, ${minute(row.endedAt)})`,
          ),
        ]
  return [...own, line('checked', checked(row)), line('calls', calls(row))]
}

function checked(row: WhyRow): string {
  const time = when(row.endedAt).slice(11)
  const { status, statusReason } = row
  if (status === null) return 'the row has not ended'
  if (status !== 'done') return `${status}: ${statusReason}`
  const count = counted(row.fields.length, 'planned field')
  return statusReason === ''
    ? `read back ${time}, ${count} as predicted`
    : `read back ${time}; ${statusReason}`
}

function calls({ attempts }: WhyRow): string {
  const words = attempts.map(({ send, sentAt, outcome, code }) => {
    const end = [outcome ?? 'no answer', ...(code === null ? [] : [code])]
    return `${send} ${when(sentAt).slice(11)} ${end.join(' ')}`
  })
  return words.length === 0 ? 'none' : some(words)
}

function keyText({ key, value: found, gap }: WhyKey): string {
  return `${keyWords(key)} ${found ?? `none (${gap ?? 'nothing'})`}`
}

function nowLines(it: LeadExplanation): string[] {
  if (it.state.isGone) return []
  const { group } = it
  const open = group !== null && group.status !== 'merged' ? group : null
  return [
    ...(it.keys.length === 0
      ? []
      : [line('keys', some(it.keys.map(keyText), 8))]),
    ...it.matches
      .slice(0, 3)
      .map((pair) =>
        line(
          'matches',
          `${pair.a === it.state.lead ? pair.b : pair.a}  ${matchWords(pair)}  (${pair.service})`,
        ),
      ),
    ...it.held
      .slice(0, 3)
      .map((one) =>
        line(
          'held',
          `match ${one.rule} of ${one.service}: ${one.hold}, on ${one.leads} leads of ${one.people} people`,
        ),
      ),
    ...it.excludedFrom.map((service) =>
      line('blocked', `a never rule takes it out of all matching (${service})`),
    ),
    ...frozenLines(it),
    ...(open === null || open.hold === null
      ? []
      : [line('blocked', `${open.leads.length} leads: ${open.hold}`)]),
    ...it.review
      .slice(0, 2)
      .map(({ item, reason }) => line('review', `${item}: ${reason}`)),
    ...it.decisions
      .slice(0, 3)
      .map((one) =>
        line(
          'decided',
          `${one.kind} ${[one.lead, ...(one.other === null ? [] : [one.other])].join(' ')} by ${one.author}: ${one.reason}${one.isOver ? ` (ended ${one.until ?? ''})` : ''}`,
        ),
      ),
  ]
}

/** What is left out of the lines; `--json` has all of it. */
function restLines({ decisions }: LeadExplanation): string[] {
  const rest = decisions.length - 3
  return rest > 0 ? [line('', `and ${counted(rest, 'decision')} more`)] : []
}

function pairLines(pair: WhyPair): string[] {
  return [
    `${pair.a} and ${pair.b}: ${pair.verdict}.`,
    ...pair.rules.map(ruleLine),
    ...pair.apart.map((one) =>
      line(
        'apart',
        `${one.words}: ${value(one.a)} and ${value(one.b)}  (${one.service})`,
      ),
    ),
    ...pair.matches
      .filter(({ evidence }) => evidence !== null)
      .map((one) => line('found', `${matchWords(one)}  (${one.service})`)),
  ]
}

function ruleLine(rule: WhyRule): string {
  const said = rule.agrees
    ? `agrees: ${some(
        rule.comparisons
          .filter(({ part }) => part !== 'block')
          .map((one) => `${keyWords(one.key)} ${side(one)}`),
      )}`
    : `no: ${rule.differs ?? ''}`
  const held =
    rule.held === null
      ? ''
      : `; but ${rule.held.hold}, ${rule.held.leads} leads`
  return line(`${rule.service} ${rule.rule}`, `${rule.words}  ${said}${held}`)
}
