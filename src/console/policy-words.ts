/** When a pipeline runs and what it may do, in plain words; pure. */
import { formatNumber, formatShare } from '../format.js'
import { listed } from './condition-words.js'
import type { Pipeline } from '../pipeline/pipeline.js'

export function policyLines({ load, marketo }: Pipeline): string[] {
  const { guardrails, apply } = load
  const limits = [
    `${formatNumber(guardrails.merges)} merges`,
    `${formatShare(guardrails.mergeShare)} of the leads`,
    `${formatNumber(guardrails.updates)} updates`,
    `${guardrails.clusterSize} leads in one cluster`,
    ...(guardrails.consentChanges === null
      ? []
      : [`${formatNumber(guardrails.consentChanges)} consent changes`]),
    ...(guardrails.crmMerges === null
      ? []
      : [`${formatNumber(guardrails.crmMerges)} merges that the CRM knows`]),
  ]
  const proof =
    guardrails.minPrecision === null
      ? []
      : [
          `Labels must prove a precision of ${formatShare(guardrails.minPrecision)}.`,
        ]
  const { budget } = marketo
  return [
    apply === 'auto'
      ? 'A plan within the limits is applied by itself.'
      : 'Every plan waits for a person.',
    `The limits of one plan: ${limits.join(', ')}.`,
    ...proof,
    `A day's budget: ${formatNumber(budget.callsPerDay)} calls and ${formatNumber(budget.exportMbPerDay)} MB of exports.`,
  ]
}

export function scheduleWords({ schedule }: Pipeline): string {
  if (schedule === null)
    return 'Not scheduled: it runs when somebody starts it.'
  const { cron, timezone, until, paused, blackout } = schedule
  const end = until === null ? '' : `, until ${until} at the latest`
  const days = blackout.map(({ from, to }) =>
    from === to ? from : `${from} to ${to}`,
  )
  const off = days.length === 0 ? '' : ` Not on ${listed(days)}.`
  const hold = paused ? ' Paused: it does not run by itself for now.' : ''
  return `Runs by ${cron} in ${timezone}${end}.${off}${hold}`
}
