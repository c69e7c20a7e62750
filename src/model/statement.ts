/** What rendered SQL may be: one select that reads tables and nothing else. */
import { exitCode, PipelineError } from '../error.js'
import type { Queries } from '../warehouse/session.js'
import type { Warehouse } from '../warehouse/warehouse.js'

/** The syntax tree tells a model's mistakes; the seal holds whatever it misses. */
export function requireSealed(warehouse: Warehouse): void {
  if (warehouse.sealed) return
  throw new PipelineError(
    'not_sealed',
    'Models were about to run in a warehouse that can reach files; this is a mistake in the program, please report it.',
    { exit: exitCode.unexpected },
  )
}

/** Errors that are no model's fault and that every other model would meet. */
export function isOfTheMachine(error: unknown): boolean {
  if (!(error instanceof PipelineError)) return false
  return ['machine', 'warehouse_damaged'].includes(error.code)
}

/** Functions in FROM that make rows out of their arguments alone. */
const rowFunctions = new Set([
  'range',
  'generate_series',
  'unnest',
  'repeat',
  'repeat_row',
  'json_each',
  'json_tree',
])

/** Functions of values that reach beyond the query. */
const outward = new Set([
  'getenv',
  'write_log',
  'current_setting',
  'getvariable',
  'nextval',
  'currval',
])

interface Parsed {
  /** null where it parses. */
  readonly problem: string | null
  readonly statements: readonly unknown[]
}

/** What was found of texts, which never changes; emptied when it is full. */
const known = new Map<string, string | null>()
const mostKnown = 5000

/**
 * Why this SQL must not run as a model or a test, as the end of a sentence
 * that begins with its name; null where it may.
 */
export async function refusal(
  queries: Pick<Queries, 'rows'>,
  sql: string,
): Promise<string | null> {
  const before = known.get(sql)
  if (before !== undefined) return before
  const found = await examined(queries, [sql])
  // What was not looked at must not pass.
  return found.get(sql) ?? (found.has(sql) ? null : unanswered())
}

/** Looks at many texts in one go, so that `refusal` knows them at once. */
export async function examine(
  queries: Pick<Queries, 'rows'>,
  texts: readonly string[],
): Promise<void> {
  const unknown = [...new Set(texts)].filter((sql) => !known.has(sql))
  if (unknown.length > 0) await examined(queries, unknown)
}

async function examined(
  queries: Pick<Queries, 'rows'>,
  unknown: readonly string[],
): Promise<ReadonlyMap<string, string | null>> {
  // Only with a semicolon in it can a text be whole and its brackets not.
  const wrapped = unknown
    .filter((sql) => sql.includes(';'))
    .map((sql) => `select * from (\n${sql}\n)`)
  const found = await parsed(queries, [...unknown, ...wrapped])
  const insides = new Map(
    wrapped.map((sql, index) => [sql, found[unknown.length + index]]),
  )
  const refusals = new Map(
    unknown.map((sql, index) => [
      sql,
      refusalOf(found[index], insides.get(`select * from (\n${sql}\n)`)),
    ]),
  )
  if (known.size + refusals.size > mostKnown) known.clear()
  for (const [sql, why] of refusals) known.set(sql, why)
  return refusals
}

function refusalOf(
  alone: Parsed = unanswered(),
  wrapped: Parsed | undefined,
): string | null {
  if (alone.problem !== null) return alone.problem
  const count = alone.statements.length
  if (count === 0) return 'is empty; write one select.'
  if (count > 1) return `is ${count} statements; write one select.`
  if (wrapped !== undefined && wrapped.problem !== null) {
    return 'ends in a semicolon; leave it out.'
  }
  return reaching(alone.statements)
}

function unanswered(): never {
  throw new TypeError('DuckDB gave no syntax tree')
}

/** DuckDB's own parser, which serialises selects only. */
async function parsed(
  queries: Pick<Queries, 'rows'>,
  texts: readonly string[],
): Promise<Parsed[]> {
  const trees = await queries.rows<{ tree: string }>(
    `select json_serialize_sql(text)::varchar as tree
     from (
       select unnest(texts) as text, generate_subscripts(texts, 1) as place
       from (select from_json($1::varchar, '["varchar"]') as texts)
     )
     order by place`,
    [JSON.stringify(texts)],
  )
  return trees.map(({ tree }, index) => {
    const answer: unknown = JSON.parse(tree)
    if (!isNode(answer)) return unanswered()
    const statements: unknown = answer['statements']
    if (Array.isArray(statements)) return { problem: null, statements }
    return { problem: unreadable(answer, texts[index] ?? ''), statements: [] }
  })
}

function unreadable(
  { error_type, error_message, position }: Node,
  sql: string,
): string {
  if (error_type === 'not implemented') {
    return 'is not a select; a model only reads, and its .yml says what it becomes.'
  }
  const at = Number(position)
  const lines = Buffer.from(sql).subarray(0, at).toString().split('\n').length
  const where = at > 0 ? ` (line ${lines} of its compiled SQL)` : ''
  return `is not SQL that can be read: ${String(error_message)}${where}.`
}

function reaching(tree: unknown): string | null {
  const nodes = [...walk(tree)]
  const named = new Set(nodes.flatMap(withNames))
  for (const node of nodes) {
    const why = nodeRefusal(node, named)
    if (why !== null) return why
  }
  return null
}

type Node = Readonly<Record<string, unknown>>

function* walk(value: unknown): Generator<Node> {
  if (Array.isArray(value)) {
    for (const item of value) yield* walk(item)
  } else if (isNode(value)) {
    yield value
    for (const item of Object.values(value)) yield* walk(item)
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Names that `with` gives; names are not told apart by case. */
function withNames(node: Node): string[] {
  const map = isNode(node['cte_map']) ? node['cte_map']['map'] : null
  if (!Array.isArray(map)) return []
  return map.flatMap((entry: unknown) =>
    isNode(entry) ? [String(entry['key']).toLowerCase()] : [],
  )
}

function nodeRefusal(node: Node, named: ReadonlySet<string>): string | null {
  switch (node['type']) {
    case 'TABLE_FUNCTION':
      return rowFunctionRefusal(node['function'])
    case 'BASE_TABLE':
      return tableRefusal(node, named)
    case 'SHOW_REF':
      return 'describes or shows the database; a model only reads rows.'
    case 'FUNCTION':
      return functionRefusal(node)
    case 'VALUE_PARAMETER':
      return 'has a parameter ($1 or ?); write the value with {{…}}.'
    default:
      return null
  }
}

function rowFunctionRefusal(called: unknown): string | null {
  const name = isNode(called) ? String(called['function_name']) : 'a function'
  if (rowFunctions.has(name.toLowerCase())) return null
  return `reads from ${name}(), which reaches beyond the models; read {{ref "…"}} and {{source "…" "…"}} only.`
}

function functionRefusal(node: Node): string | null {
  const name = String(node['function_name']).toLowerCase()
  if (!outward.has(name)) return null
  return `calls ${name}(), which reaches beyond its rows; take it out.`
}

function tableRefusal(node: Node, named: ReadonlySet<string>): string | null {
  const table = String(node['table_name'])
  if (node['catalog_name'] !== '') {
    return `reads from another database, ${String(node['catalog_name'])}; read {{ref "…"}} and {{source "…" "…"}} only.`
  }
  if (node['schema_name'] !== '' || named.has(table.toLowerCase())) return null
  return `reads from "${table}", which is neither a file it may open nor a model; read {{ref "…"}} and {{source "…" "…"}} only.`
}
