import { conditions } from './condition.js'
import type { SourceDocument } from './document.js'
import type {
  ListScope,
  WinnerChoice,
  WinnerCriterion,
  WinnerRule,
} from './pipeline.js'
import type { Path } from './problem.js'
import type {
  WinnerForm,
  WinnerPartForm,
  WinnerRuleForm,
} from './winner-form.js'

const lowestId: WinnerRule = { kind: 'lowest', field: 'id' }

const defaultOrder: readonly WinnerRule[] = [
  { kind: 'crm_contact' },
  { kind: 'crm_lead' },
  { kind: 'newest', field: 'updatedAt' },
  lowestId,
]

export interface Winner {
  readonly winner: readonly WinnerRule[]
  readonly winnerChoice: WinnerChoice
}

/** The rules alone, however they were written. */
export function winnerRules(
  form: WinnerForm | undefined,
): readonly WinnerRuleForm[] {
  if (form === undefined) return []
  return Array.isArray(form) ? form : form.rules
}

/** Where in the file the rules are. */
export function winnerPath(form: WinnerForm | undefined, path: Path): Path {
  const at = [...path, 'winner']
  return form === undefined || Array.isArray(form) ? at : [...at, 'rules']
}

/**
 * Winner rules with their defaults. Rules in order end with the lowest id, so
 * that every cluster has an order.
 */
export function winnerOf(
  form: WinnerForm | undefined,
  path: Path,
  document: SourceDocument,
): Winner {
  const by = (Array.isArray(form) ? undefined : form?.by) ?? 'in_order'
  const otherwise =
    (Array.isArray(form) ? undefined : form?.else) ??
    (by === 'in_order' ? 'lowest_id' : 'review')
  const winnerChoice = { by, otherwise }
  if (form === undefined) return { winner: defaultOrder, winnerChoice }
  const at = winnerPath(form, path)
  const winner = winnerRules(form).map((rule, index) =>
    winnerRule(rule, [...at, index], document),
  )
  const last = winner.at(-1)
  const isTotal = last?.kind === 'lowest' && last.field === 'id'
  const isOpen = by === 'in_order' && !isTotal
  return { winner: isOpen ? [...winner, lowestId] : winner, winnerChoice }
}

function winnerRule(
  rule: WinnerRuleForm,
  path: Path,
  document: SourceDocument,
): WinnerRule {
  if (typeof rule === 'string') return ofWord(rule)
  const { score, delta = 1, ...order } = rule
  if (score === undefined) return ofOrder(order, path, document)
  const parts = score.map(({ points, rule: word, ...each }, index) => ({
    points,
    rule:
      word === undefined
        ? ofOrder(each, [...path, 'score', index], document)
        : ofWord(word),
  }))
  return { kind: 'score', parts, delta }
}

type Word = Extract<WinnerRuleForm, string>

function ofWord(word: Word): WinnerCriterion {
  if (word === 'most_recent') return { kind: 'newest', field: 'updatedAt' }
  if (word === 'most_complete') return { kind: word, fields: [] }
  return { kind: word }
}

type OrderForm = Omit<WinnerPartForm, 'points' | 'rule'>

const byField = ['highest', 'lowest', 'newest', 'oldest'] as const

function ofOrder(
  form: OrderForm,
  path: Path,
  document: SourceDocument,
): WinnerCriterion {
  if (form.where !== undefined) {
    const where = conditions(form.where, [...path, 'where'], document)
    return { kind: 'where', where }
  }
  if (form.list !== undefined) {
    const list = listOf(form.list, [...path, 'list'], document)
    return { kind: 'list', list }
  }
  if (form.most_complete !== undefined) {
    return { kind: 'most_complete', fields: form.most_complete }
  }
  for (const kind of byField) {
    const field = form[kind]
    if (field !== undefined) return { kind, field }
  }
  // The schema lets no rule without a key through.
  return { kind: 'lowest', field: 'id' }
}

/** A list's name as it was written, so that `007` stays `007`. */
export function listOf(
  form: NonNullable<OrderForm['list']>,
  path: Path,
  document: SourceDocument,
): ListScope {
  const kind = form.static === undefined ? 'smart' : 'static'
  const name = document.text([...path, kind]) ?? String(form[kind])
  const folder = form.folder?.trim().replaceAll(/^\/+|\/+$/g, '') ?? ''
  return { kind, list: folder === '' ? name : `${folder}/${name}` }
}
