/** What is different since the run before; pure. */
import { counted, formatNumber } from '../format.js'
import type { RunBrief } from './history.js'

/** Lines of a comparison; empty where nothing is. */
export function changeLines(last: RunBrief, before: RunBrief): string[] {
  return [
    ...leadLine(last, before),
    ...rulesLine(last, before),
    ...testLines(last, before),
    ...reviewLine(last, before),
    ...callLine(last, before),
  ]
}

function leadLine(last: RunBrief, before: RunBrief): string[] {
  const more = last.leads - before.leads
  if (more === 0 || last.leads === 0 || before.leads === 0) return []
  const word = more > 0 ? 'more' : 'fewer'
  return [
    `${formatNumber(Math.abs(more))} ${word} leads: ${formatNumber(last.leads)}, after ${formatNumber(before.leads)}.`,
  ]
}

function rulesLine(last: RunBrief, before: RunBrief): string[] {
  const rules =
    last.rules_hash === before.rules_hash
      ? []
      : ['The rules or the decisions were changed.']
  const tool =
    last.tool_version === before.tool_version
      ? []
      : [`The program is now version ${last.tool_version}.`]
  return [...rules, ...tool]
}

function testLines(last: RunBrief, before: RunBrief): string[] {
  const was = new Set(before.failing.map(({ test }) => test))
  const is = new Set(last.failing.map(({ test }) => test))
  // A run that did not come to its tests says nothing about them.
  if (last.counts.tests === 0 || before.counts.tests === 0) return []
  return [
    ...last.failing
      .filter(({ test }) => !was.has(test))
      .map(
        ({ test, failures }) =>
          `${test} fails now: ${counted(failures, 'row')}.`,
      ),
    ...before.failing
      .filter(({ test }) => !is.has(test))
      .map(({ test }) => `${test} passes again.`),
  ]
}

function reviewLine(last: RunBrief, before: RunBrief): string[] {
  const more = last.review - before.review
  if (more === 0) return []
  const word = more > 0 ? 'more' : 'fewer'
  return [
    `${counted(Math.abs(more), `item ${word} waits`, `items ${word} wait`)} for a decision.`,
  ]
}

function callLine(last: RunBrief, before: RunBrief): string[] {
  const { used } = last.calls
  if (used === before.calls.used) return []
  return [`${counted(used, 'call')}, after ${formatNumber(before.calls.used)}.`]
}
