import { exitCode, PipelineError } from '../error.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import { rulesHash } from '../pipeline/rules-hash.js'
import type { PlanHeader } from './plan.js'

/** A plan rests on what Marketo held; after a day it is not trusted. */
const maximumAge = 24 * 3_600_000

/**
 * The instance as plans name it. A sandbox on this machine has another port at
 * every start, and is the same all the same.
 */
export function planInstance(instance: string): string {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/.test(instance)
    ? 'sandbox'
    : instance
}

function refused(code: string, message: string): PipelineError {
  return new PipelineError(code, message, { exit: exitCode.planRefused })
}

export function altered(path: string): PipelineError {
  return refused(
    'plan_altered',
    `The plan ${path} is not as it was written: its hash does not fit its content. Nothing was sent; make a new one with: pipeline plan NAME`,
  )
}

export function missing(path: string, cause: unknown): PipelineError {
  return new PipelineError(
    'plan_missing',
    `The plan ${path} cannot be read; check its name, or make a new one with: pipeline plan NAME`,
    { exit: exitCode.badInput, cause },
  )
}

export interface PlanUse {
  readonly pipeline: Pipeline
  /** Of the Marketo that would be written to. */
  readonly instance: string
  /** Version of this program. */
  readonly tool: string
  /** Marketo's time in milliseconds. */
  readonly now: number
}

/** Throws PipelineError (exit 8) where the plan was made for another place. */
export function refuseForeignPlan(header: PlanHeader, use: PlanUse): void {
  if (header.pipeline !== use.pipeline.name) {
    throw refused(
      'plan_foreign',
      `The plan was made for the pipeline ${header.pipeline}, not for ${use.pipeline.name}. Nothing was sent; name the right pipeline.`,
    )
  }
  const instance = planInstance(use.instance)
  if (header.instance !== instance) {
    throw refused(
      'plan_foreign',
      `The plan was made for the Marketo instance ${header.instance}, but the endpoint leads to ${instance}. Nothing was sent; correct the pipeline file's endpoint.`,
    )
  }
}

/** Why a plan must not be begun any more, as a part of a sentence, or null. */
export function staleness(header: PlanHeader, use: PlanUse): string | null {
  if (header.rules !== rulesHash(use.pipeline)) {
    return 'the rules changed since it was made'
  }
  if (header.tool !== use.tool) {
    return `version ${header.tool} of the program made it and this is ${use.tool}`
  }
  const age = use.now - Date.parse(header.asOf)
  return age <= maximumAge ? null : 'it rests on data older than 24 hours'
}

export function stalePlan(header: PlanHeader, why: string): PipelineError {
  return refused(
    'plan_stale',
    `The plan ${header.hash.slice(0, 12)} is refused because ${why}. Nothing was sent; make a new one with: pipeline plan ${header.pipeline}`,
  )
}

/** `merges 612 over 500`, `merge_share 2.6 % over 2 %`. */
export function guardrailWords({
  name,
  value,
  limit,
}: PlanHeader['guardrails'][number]): string {
  const isShare = name === 'merge_share' || name === 'min_precision'
  const shown = (number: number) =>
    isShare ? `${Number((number * 100).toFixed(1))} %` : String(number)
  const word = name === 'min_precision' ? 'under' : 'over'
  return `${name} ${shown(value)} ${word} ${shown(limit)}`
}

export function guardrailStop(header: PlanHeader): PipelineError {
  const broken = header.guardrails
    .filter((guardrail) => !guardrail.ok)
    .map((guardrail) => guardrailWords(guardrail))
  return new PipelineError(
    'guardrail',
    `The plan ${header.hash.slice(0, 12)} of ${header.pipeline} is stopped by its guardrails (${broken.join(', ')}). Nothing was sent; look with pipeline plan ${header.pipeline} --last, then approve it with pipeline apply ${header.pipeline}, or change the rules.`,
    { exit: exitCode.guardrail, recovery: 'wait' },
  )
}
