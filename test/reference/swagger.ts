/** The part of Swagger 2.0 that Marketo's definitions use. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Schema {
  readonly $ref?: string
  readonly type?: string
  readonly format?: string
  readonly enum?: readonly unknown[]
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
}

export interface Parameter extends Schema {
  readonly name: string
  readonly in: 'query' | 'path' | 'header' | 'body' | 'formData'
  /** Whether it has to be given. */
  readonly required?: never
  readonly isRequired: boolean
  readonly schema?: Schema
}

export interface Operation {
  readonly method: string
  readonly template: string
  readonly pattern: RegExp
  readonly parameters: readonly Parameter[]
  /** Of the answer 200. */
  readonly answer: Schema | null
  readonly definitions: Readonly<Record<string, Schema>>
}

type Json = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function member(value: unknown, name: string): Json {
  const found = isObject(value) ? value[name] : undefined
  return isObject(found) ? found : {}
}

/** Every operation of every definition file in a folder. */
export function operations(folder: string): Operation[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => {
      const text = readFileSync(join(folder, name), 'utf8')
      const file: unknown = JSON.parse(text)
      return Object.entries(member(file, 'paths')).flatMap(([path, methods]) =>
        isObject(methods) ? operationsOf(file, path, methods) : [],
      )
    })
    .toSorted((a, b) => fixed(b) - fixed(a))
}

/** Paths without placeholders come before those that would also match. */
function fixed({ template }: Operation): number {
  return template.split('/').filter((part) => !part.includes('{')).length
}

function operationsOf(file: unknown, path: string, methods: Json) {
  const pattern = new RegExp(
    `^${path.replaceAll('.', '\\.').replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`,
  )
  return Object.entries(methods).map(([method, operation]): Operation => {
    const given = isObject(operation) ? operation['parameters'] : []
    const list: unknown[] = Array.isArray(given) ? given : []
    const ok = member(member(operation, 'responses'), '200')
    return {
      method: method.toUpperCase(),
      template: path,
      pattern,
      parameters: list.filter(isObject).map(parameterOf),
      answer: isObject(ok['schema']) ? ok['schema'] : null,
      definitions: member(file, 'definitions') as Operation['definitions'],
    }
  })
}

function parameterOf({ required, ...rest }: Json): Parameter {
  const isRequired = required === true
  return { ...(rest as Omit<Parameter, 'isRequired'>), isRequired }
}
