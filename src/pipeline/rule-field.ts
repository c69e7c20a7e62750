import { fieldUses } from './field.js'
import type { Pipeline } from './pipeline.js'

/** Wanted wherever the instance has them: who a lead is, and its consent. */
const usualFields: readonly string[] = [
  'id',
  'createdAt',
  'updatedAt',
  'email',
  'firstName',
  'lastName',
  'country',
  'isAnonymous',
  'leadPartitionId',
  'unsubscribed',
  'emailInvalid',
  'emailSuspended',
  'marketingSuspended',
  'blackListed',
  'sfdcType',
  'sfdcLeadId',
  'sfdcContactId',
  'sfdcAccountId',
  'sfdcIsDeleted',
  'sfdcLeadIsDeleted',
  'sfdcContactIsDeleted',
]

/**
 * Fields that rules and people's decisions declare or use, and the usual
 * ones. What analysts have exported besides changes no plan.
 */
export function ruleFields(pipeline: Pipeline): ReadonlySet<string> {
  const extract = { ...pipeline.extract, fields: [] }
  const used = fieldUses({ ...pipeline, extract }).map(({ field }) => field)
  const decided = pipeline.overrides.flatMap(({ field }) => field ?? [])
  return new Set([...usualFields, ...used, ...decided])
}
