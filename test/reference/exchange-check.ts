/** Compares one call and its answer with Marketo's definitions. */
import type { Exchange } from '../../src/sandbox/exchange.js'
import { differences, wrongParameter } from './schema-check.js'
import { isObject, type Operation, type Parameter } from './swagger.js'

export interface Checked {
  readonly operation: Operation | null
  /** `METHOD /template side where: what`; side: request, answer, refusal. */
  readonly issues: readonly string[]
}

export function check(
  exchange: Exchange,
  operations: readonly Operation[],
): Checked {
  const { method, path } = exchange
  const found = operations.find(
    (operation) => operation.method === method && operation.pattern.test(path),
  )
  if (found === undefined) {
    return { operation: null, issues: [`${method} ${path} is not defined`] }
  }
  const name = `${method} ${found.template}`
  const issues = [
    ...ofRequest(exchange, found).map((issue) => `request ${issue}`),
    ...ofAnswer(exchange, found),
  ].map((issue) => `${name} ${issue}`)
  return { operation: found, issues: [...new Set(issues)] }
}

function ofRequest(exchange: Exchange, operation: Operation): string[] {
  const { path, query, headers, line } = exchange
  const names = operation.pattern.exec(path)?.groups ?? {}
  const isForm = (headers['content-type'] ?? '').includes('urlencoded')
  const [sent, target] = line
  const isPlain = sent === exchange.method && isForm
  const inLine = new Set(new URL(target, 'http://x').searchParams.keys())
  return [
    ...operation.parameters.flatMap((parameter) => {
      if (parameter.in === 'path') {
        return given(parameter, names[parameter.name])
      }
      if (parameter.in === 'query') {
        const all = query.filter(([name]) => name === parameter.name)
        const text = all.map(([, value]) => value).join(',')
        return given(parameter, all.length === 0 ? undefined : text)
      }
      if (parameter.in === 'header') {
        return given(parameter, headers[parameter.name.toLowerCase()])
      }
      if (parameter.in === 'formData') return ofForm(parameter, exchange)
      return parameter.in === 'body' ? ofBody(exchange, operation) : []
    }),
    ...query.flatMap(([name]) => {
      if (!isDeclared(operation, name)) return [`${name}: is not declared`]
      return isPlain && !inLine.has(name) ? [`${name}: is in a form`] : []
    }),
  ]
}

function isDeclared({ parameters }: Operation, name: string): boolean {
  return parameters.some(
    (parameter) => parameter.in === 'query' && parameter.name === name,
  )
}

function given(parameter: Parameter, text: string | undefined): string[] {
  const { name, isRequired } = parameter
  if (text === undefined) return isRequired ? [`${name}: is missing`] : []
  const { required: _, ...schema } = parameter
  const why = wrongParameter(text, schema)
  return why === null ? [] : [`${name}: ${why}`]
}

/** A file is a part of a form of its own. */
function ofForm({ name, isRequired }: Parameter, exchange: Exchange): string[] {
  const { body, headers } = exchange
  const type = headers['content-type'] ?? ''
  if (!type.startsWith('multipart/form-data')) return [`${name}: is ${type}`]
  const isThere = body.includes(`name="${name}"; filename="`)
  return isThere || !isRequired ? [] : [`${name}: is missing`]
}

function ofBody({ body, headers }: Exchange, operation: Operation): string[] {
  const parameter = operation.parameters.find((each) => each.in === 'body')
  if (parameter?.schema === undefined) return []
  if (body === '') return parameter.isRequired ? ['body: is missing'] : []
  const type = headers['content-type'] ?? ''
  if (!/^application\/json\b/.test(type)) return [`body: is ${type}`]
  const json: unknown = JSON.parse(body)
  return differences(json, parameter.schema, operation.definitions, 'body')
}

/** Answers that a fault spoilt on purpose are not looked at. */
function ofAnswer(exchange: Exchange, operation: Operation): string[] {
  const { answer, fault, status, type } = exchange
  if (fault !== null) return []
  if (status !== 200 && status !== 206) return [`answer is ${status}`]
  if (!type.startsWith('application/json')) {
    return [`answer is ${type.split(';')[0]}`]
  }
  if (operation.answer === null || answer === null) return ['answer is absent']
  const json: unknown = JSON.parse(answer)
  const isRefusal = isObject(json) && json['success'] === false
  const side = isRefusal ? 'refusal' : 'answer'
  return differences(json, operation.answer, operation.definitions).map(
    (issue) => `${side} ${issue}`,
  )
}
