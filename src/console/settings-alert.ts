/** Whom a pipeline tells: its alerts in words, and forms for them. */
import { alertEvents } from '../pipeline/alert-form.js'
import type { Edit } from '../pipeline/edit-text.js'
import type { YamlValue } from '../pipeline/edit-value.js'
import { textOf, valueAt } from './settings-form.js'

export interface AlertLine {
  readonly index: number
  readonly channel: string
  /** The reference, or who gets it; never a value. */
  readonly to: string
  readonly on: string
}

const channels = ['slack', 'webhook', 'email', 'github']

export function alertsOf(file: unknown): AlertLine[] {
  return itemsOf(file).map((item, index) => {
    const channel = channels.find((name) => valueAt(item, [name]) !== undefined)
    const to = valueAt(
      item,
      channel === 'email' ? ['email', 'to'] : [channel ?? ''],
    )
    return {
      index,
      channel: channel ?? '',
      to: channel === 'github' ? 'step summary' : textOf(to),
      on: textOf(valueAt(item, ['on'])),
    }
  })
}

function itemsOf(file: unknown): readonly unknown[] {
  const items = valueAt(file, ['alert'])
  return Array.isArray(items) ? items : []
}

/** `ACME_SLACK_WEBHOOK` for a pipeline called acme. */
export function alertVariable(name: string, channel: string): string {
  const prefix = name.toUpperCase().replaceAll('-', '_')
  const letter = /^\d/.test(prefix) ? 'P' : ''
  return `${letter}${prefix}_${channel}`
}

export const alertEventNames: readonly string[] = alertEvents

/** `remove:0` takes one out, anything else adds what the form says. */
export function alertEdits(form: URLSearchParams, file: unknown): Edit[] {
  const removed = /^remove:(\d{1,3})$/.exec(form.get('alert') ?? '')?.[1]
  const items = itemsOf(file)
  if (removed !== undefined) {
    return Number(removed) < items.length
      ? [{ path: ['alert', Number(removed)], value: undefined }]
      : []
  }
  const on = form.getAll('on')
  const item = {
    ...channelOf(form),
    ...(on.length > 0 && { on }),
  }
  return items.length === 0
    ? [{ path: ['alert'], value: [item] }]
    : [{ path: ['alert', items.length], value: item }]
}

/** What a person types is a variable's name; the file refers to it. */
function channelOf(form: URLSearchParams): Record<string, YamlValue> {
  const channel = form.get('channel') ?? ''
  const variable = form.get('variable')?.trim() ?? ''
  const reference = `\${${variable.replace(/^\$\{|\}$/g, '')}}`
  if (channel === 'github') return { github: true }
  if (channel !== 'email') return { [channel]: reference }
  const to = (form.get('to') ?? '').split(/[,\s]+/).filter(Boolean)
  return {
    email: { smtp: reference, to, from: form.get('from')?.trim() ?? '' },
  }
}
