/** Handlebars as pages may use it: everything escaped, nothing unknown. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Handlebars from 'handlebars'
import {
  counted,
  formatBytes,
  formatDuration,
  formatNumber,
  formatShare,
} from '../format.js'
import { Drawing } from './drawing.js'
import { lintTemplate } from './template-lint.js'

export interface Templates {
  /** Fills a template; what it inserts is escaped. */
  fill(name: string, model: object): string
  /** Fills the layout around the filled template of a page. */
  surround(body: string, model: object): string
}

const builtIn = { if: true, unless: true, each: true, with: true } as const

const helpers: Readonly<Record<string, (...given: unknown[]) => unknown>> = {
  number: (value) => words(value, formatNumber),
  bytes: (value) => words(value, formatBytes),
  duration: (value) => words(value, formatDuration),
  share: (value) => words(value, formatShare),
  counted: (value, one, many) =>
    typeof many === 'string'
      ? counted(Number(value), String(one), many)
      : counted(Number(value), String(one)),
  moment: (at) =>
    typeof at === 'string' && at !== '' ? momentWords(at) : 'never',
  /** An address of ours, of literal and other segments. */
  path: (...parts) => localPath(parts.slice(0, -1).flat().map(String)),
  /** A value within an address. */
  encode: (value) => encodeURIComponent(String(value)),
  /** A query string of ours, which is encoded already. */
  encoded: (text) => String(text).replace(/[^\w.~%&=+*-]/g, ''),
  /** `no_effect` is `no effect`. */
  spaced: (text) => String(text).replaceAll('_', ' '),
  /** `1,204 of 2,000`, or of shares `0.3 % of 2 %`. */
  limited: (value, limit) => limitWords(Number(value), Number(limit)),
  /** A picture of ours; anything else is escaped. */
  drawing: (given) =>
    given instanceof Drawing ? new Handlebars.SafeString(given.svg) : '',
  eq: (one, other) => one === other,
}

/** `2026-11-21 05:09 UTC`. */
export function momentWords(at: string): string {
  return `${at.slice(0, 16).replace('T', ' ')} UTC`
}

/** `/pipeline/acme/run/…`, whatever is in the parts; empty ones are left out. */
export function localPath(parts: readonly string[]): string {
  const filled = parts.filter((part) => part !== '')
  return `/${filled.map((part) => encodeURIComponent(part)).join('/')}`
}

function limitWords(value: number, limit: number): string {
  const format = limit > 0 && limit < 1 ? formatShare : formatNumber
  return `${format(value)} of ${format(limit)}`
}

function words(value: unknown, format: (value: number) => string): string {
  return typeof value === 'number' ? format(value) : ''
}

/**
 * Compiles every `.hbs` file of a folder; those that begin with `part-` can
 * be included by their other name. Throws on the first that breaks a rule.
 */
export function loadTemplates(folder = ownFolder()): Templates {
  const environment = Handlebars.create()
  for (const name of ['lookup', 'log', 'helperMissing', 'blockHelperMissing']) {
    environment.unregisterHelper(name)
  }
  environment.registerHelper(helpers)
  // Not escaped: what another template made.
  environment.registerHelper(
    'body',
    function body(this: unknown, options: Handlebars.HelperOptions) {
      const root: unknown = options.data.root
      return root instanceof Surrounding
        ? new Handlebars.SafeString(root.body)
        : ''
    },
  )
  const known = { ...builtIn, body: true, ...asKnown(Object.keys(helpers)) }
  const compile = (name: string, text: string) => {
    lintTemplate(name, text, Object.keys(known))
    return environment.compile(text, {
      strict: true,
      knownHelpers: known,
      knownHelpersOnly: true,
    })
  }
  const pages = new Map<string, Handlebars.TemplateDelegate>()
  for (const { name, text } of read(folder)) {
    const part = /^part-(.*)$/.exec(name)?.[1]
    if (part === undefined) pages.set(name, compile(name, text))
    else environment.registerPartial(part, compile(name, text))
  }
  const find = (name: string) => {
    const template = pages.get(name)
    if (template === undefined) throw new Error(`There is no ${name}.hbs.`)
    return template
  }
  return {
    fill: (name, model) => find(name)(model),
    surround: (body, model) =>
      find('layout')(Object.assign(new Surrounding(body), model)),
  }
}

/** The model of the layout; its class proves that the body is markup. */
class Surrounding {
  readonly body: string

  constructor(body: string) {
    this.body = body
  }
}

function asKnown(names: readonly string[]): Record<string, true> {
  return Object.fromEntries(names.map((name) => [name, true as const]))
}

function read(folder: string): { name: string; text: string }[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.hbs'))
    .toSorted()
    .map((file) => ({
      name: basename(file, '.hbs'),
      text: readFileSync(join(folder, file), 'utf8'),
    }))
}

/** Templates, style and script lie beside the source. */
export function ownFolder(): string {
  return fileURLToPath(new URL('.', import.meta.url))
}
