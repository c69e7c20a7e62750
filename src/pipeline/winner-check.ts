import { conditionFindings } from './condition.js'
import type { Path } from './problem.js'
import type { Finding } from './sentence.js'
import type { WinnerForm, WinnerRuleForm } from './winner-form.js'
import { winnerPath, winnerRules } from './winner-rule.js'

/** Winner rules that are well-formed each, and cannot hold together. */
export function winnerFindings(
  form: WinnerForm | undefined,
  path: Path,
): Finding[] {
  const at = winnerPath(form, path)
  const found = winnerRules(form).flatMap((rule, index) =>
    ruleFindings(rule, [...at, index]),
  )
  return [...found, ...neverReviewed(form, path)]
}

function ruleFindings(rule: WinnerRuleForm, path: Path): Finding[] {
  if (typeof rule === 'string') return []
  const parts = (rule.score ?? []).flatMap((part, index) =>
    conditionFindings(part.where ?? {}, [...path, 'score', index, 'where']),
  )
  return [...conditionFindings(rule.where ?? {}, [...path, 'where']), ...parts]
}

/** The id leaves no tie, so a review that waits for one never comes. */
function neverReviewed(form: WinnerForm | undefined, path: Path): Finding[] {
  if (form === undefined || Array.isArray(form)) return []
  if (form.else !== 'review') return []
  const index = form.rules.findIndex(
    (rule) => typeof rule === 'object' && rule.lowest === 'id',
  )
  if (index === -1) return []
  return [
    {
      path: [...path, 'winner', 'rules', index],
      part: 'value',
      message:
        'leaves no tie, so else: review would never come; leave one out.',
    },
  ]
}
