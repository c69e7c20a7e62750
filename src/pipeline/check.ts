import { isOptOut, readOnlyFields } from './field.js'
import { hashFindings } from './hash-rule.js'
import { matchFindings } from './match-rule.js'
import type { Path } from './problem.js'
import type { Finding } from './sentence.js'
import type { ServiceForm } from './service.js'
import { surviveFindings, surviveTargets } from './survive-check.js'
import { winnerFindings } from './winner-check.js'

/** One field that a service writes, and where the file says so. */
interface Target {
  readonly field: string
  readonly service: string
  readonly type: ServiceForm['type']
  /** `survive`, `write`, … */
  readonly section: string
  readonly path: Path
}

/** Rules that are well-formed each, and cannot hold together. */
export function serviceFindings(
  services: ReadonlyMap<string, ServiceForm>,
): Finding[] {
  const targets = [...services].flatMap(([name, form]) => targetsOf(name, form))
  // Services that are off may overlap with the ones that took their place.
  const isOn = ({ service }: Target) => services.get(service)?.enabled !== false
  return [
    ...targets.flatMap(readOnly),
    ...writtenTwice(targets.filter(isOn)),
    ...[...services].flatMap(([name, form]) => ownFindings(name, form)),
    ...sharedFindings(services),
  ]
}

function targetsOf(service: string, form: ServiceForm): Target[] {
  const sections =
    form.type === 'dedupe'
      ? { survive: form.survive, consent: form.consent, stamp: form.stamp }
      : { write: form.write }
  const grouped =
    form.type === 'dedupe'
      ? surviveTargets(form.survive).map(({ field, path }) => ({
          field,
          service,
          type: form.type,
          section: 'survive',
          path: ['services', service, ...path],
        }))
      : []
  const own = Object.entries(sections).flatMap(([section, rules]) =>
    Object.keys(rules ?? {}).map((field) => ({
      field,
      service,
      type: form.type,
      section,
      path: ['services', service, section, field],
    })),
  )
  return [...own, ...grouped]
}

function readOnly({ field, section, path }: Target): Finding[] {
  if (readOnlyFields.includes(field)) {
    return [
      wrongKey(path, 'is kept by Marketo or the CRM; nobody can write it.'),
    ]
  }
  if (field === 'email' && (section === 'write' || section === 'stamp')) {
    return [
      wrongKey(path, 'is the address itself; write to a field of your own.'),
    ]
  }
  return []
}

/**
 * Two dedupe services may name the same field, because a lead belongs to one
 * cluster only; any other pair would overwrite one another at every run.
 */
function writtenTwice(targets: readonly Target[]): Finding[] {
  return targets.flatMap((target, index) => {
    const earlier = targets
      .slice(0, index)
      .find((other) => other.field === target.field && collide(other, target))
    if (earlier === undefined) return []
    const { service, section } = earlier
    return [
      wrongKey(
        target.path,
        `is written by services.${service}.${section} already; a field can have one writer.`,
      ),
    ]
  })
}

function collide(a: Target, b: Target): boolean {
  const areDedupe = a.type === 'dedupe' && b.type === 'dedupe'
  return !areDedupe || a.service === b.service
}

function ownFindings(name: string, form: ServiceForm): Finding[] {
  const path: Path = ['services', name]
  if (form.type === 'dedupe') {
    return [
      ...optOutFindings(form, path),
      ...whereFindings(form, path),
      ...surviveFindings(form, path),
    ]
  }
  if (form.type !== 'hash') return []
  return Object.entries(form.write).flatMap(([field, rule]) =>
    hashFindings(rule, [...path, 'write', field]),
  )
}

type DedupeForm = Extract<ServiceForm, { type: 'dedupe' }>

/** An opt-out is never lost, whatever a rule says. */
function optOutFindings(form: DedupeForm, path: Path): Finding[] {
  const misplaced = Object.keys({ ...form.survive, ...form.stamp })
    .filter(isOptOut)
    .map((field) => {
      const section = Object.hasOwn(form.survive ?? {}, field)
        ? 'survive'
        : 'stamp'
      return wrongKey(
        [...path, section, field],
        'stops mail, so a true of any record is kept; leave it out here.',
      )
    })
  const grouped = surviveTargets(form.survive)
    .filter(({ field }) => isOptOut(field))
    .map((target) => ({
      path: [...path, ...target.path],
      part: 'value' as const,
      message:
        'stops mail, so a true of any record is kept; leave it out here.',
    }))
  const weak = Object.entries(form.consent ?? {})
    .filter(([field, rule]) => isOptOut(field) && rule !== 'any_true')
    .map(([field]) => ({
      path: [...path, 'consent', field],
      part: 'value' as const,
      message: 'must be any_true, because an opt-out is never lost.',
    }))
  return [...misplaced, ...grouped, ...weak]
}

function whereFindings(form: DedupeForm, path: Path): Finding[] {
  return [
    ...matchFindings(
      form.match === 'auto' ? [] : form.match,
      form.never ?? [],
      path,
    ),
    ...winnerFindings(form.winner, path),
  ]
}

/** All domain services read one table of hosts, so one of them rules it. */
function sharedFindings(services: ReadonlyMap<string, ServiceForm>): Finding[] {
  return (['lists', 'private_suffixes'] as const).flatMap((key) => {
    const [first, ...others] = [...services].flatMap(([name, form]) =>
      form.type === 'domain' &&
      form.enabled !== false &&
      form[key] !== undefined
        ? [name]
        : [],
    )
    return others.map((name) =>
      wrongKey(
        ['services', name, key],
        `is for all domain services, and services.${first} has it already; leave it out here.`,
      ),
    )
  })
}

function wrongKey(path: Path, message: string): Finding {
  return { path, part: 'key', message }
}
