/** Template helpers that turn a pipeline's rules into SQL. */
import type { HashRule } from '../pipeline/hash.js'
import type {
  Condition,
  ConsentRule,
  Stamp,
  SurviveRule,
} from '../pipeline/pipeline.js'
import type { Comparison } from '../match/comparison.js'
import { identifier, literal } from '../warehouse/quote.js'
import { faced } from './compare.js'
import { conditions } from './condition.js'
import { asText, holds, sizeOf } from './field-type.js'
import { digest } from './hash.js'
import { hashSteps } from './hash-text.js'
import type { HelperCall, Helpers } from './helper.js'
import { keyFields } from '../pipeline/field.js'
import { cleanEmail, emailHost, emailLocal, mailboxHost } from './email-key.js'
import { isPlaceholder } from './fold.js'
import { keyHelpers } from './key-helper.js'
import {
  apartConflict,
  apartPair,
  apartValue,
  evidence,
  household,
  meanSimilarity,
  similarity,
} from './match-helper.js'
import {
  type Column,
  keyOtherwise,
  nearKey,
  normalisedKey,
  plainKey,
  websiteHost,
} from './normalise.js'
import type { RuleContext } from './rule.js'
import { levelColumns, levelNames } from './level.js'
import { Sql, sqlOf } from './sql.js'
import { decision } from './survivor.js'
import {
  crmRank,
  liveRank,
  type Ranking,
  type WinnerStep,
  winnerCriteria,
  winnerOrder,
  winnerStep,
  winnerValues,
} from './winner.js'
import { evidenceWords, weighed } from './weigh.js'

/** DuckDB's types for Marketo's; whatever is missing is text. */
const sqlTypes: Readonly<Record<string, string>> = {
  boolean: 'boolean',
  integer: 'bigint',
  score: 'bigint',
  reference: 'bigint',
  float: 'double',
  currency: 'double',
  percent: 'double',
  date: 'date',
  datetime: 'timestamp',
}

function text(value: unknown): string {
  return literal(String(value))
}

/**
 * Losers that the winner is not stamped with yet. A plan that was lost between
 * writing the stamps and merging leaves them there, and must not count twice.
 */
const unknownLosers =
  "list_filter(cluster.loser_ids, lambda id: not contains(concat(',', replace(coalesce(known.ids, ''), ' ', ''), ','), concat(',', id, ',')))"

function stampValue(stamp: Stamp, asOf: string): string {
  switch (stamp) {
    case 'count':
      return `cast(coalesce(prior.total, 0) + len(${unknownLosers}) as varchar)`
    case 'ids':
      return `concat_ws(',', prior.ids, nullif(array_to_string(${unknownLosers}, ','), ''))`
    case 'date':
      return literal(asOf)
    case 'cluster':
      return 'cast(cluster.winner_id as varchar)'
    case 'service':
      return 'cluster.service'
    case 'rule':
      return "array_to_string(load_merge.rules, '; ')"
  }
}

function typed(field: string, type: unknown): string {
  const sqlType = sqlTypes[String(type)]
  const column = identifier(field)
  return sqlType === undefined ? column : `try_cast(${column} as ${sqlType})`
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

/**
 * A part of the rules that a template passes on. The context is made by
 * rule.ts, so its parts have the types that are written there.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
function part<Part>(value: unknown): Part {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return value as Part
}

const steps = ({ args }: HelperCall) => hashSteps(part<HashRule>(args[0]))

const roleNames = '(select name from "seed"."role_name")'

/** Helpers over the fields that this run exported. */
export function ruleHelpers(context: RuleContext): Helpers {
  const exported = new Set(['id', ...context.columns.map(({ name }) => name)])

  /** A field that was not exported is empty, not an error. */
  const column =
    (relation: unknown): Column =>
    (field) => {
      if (!exported.has(field)) return 'cast(null as varchar)'
      return typeof relation === 'string'
        ? `${identifier(relation)}.${identifier(field)}`
        : identifier(field)
    }
  const of = (call: HelperCall) => column(call.named['of'])
  const types = new Map(context.columns.map(({ name, type }) => [name, type]))
  const fields = context.rule_columns

  /** Of the leads of a cluster: `lead` and its `member`. */
  const lead = column('lead')
  const survivor = ({ args }: HelperCall) =>
    decision(String(args[1]), part<SurviveRule | ConsentRule>(args[0]), {
      value: (field) => `nullif(${lead(field)}, '')`,
      id: 'member.lead_id',
      rank: 'member.rank',
      fields,
    })

  const rendered: Record<string, (call: HelperCall) => string> = {
    column: (call) => of(call)(String(call.args[0])),
    typed: ({ args }) => typed(String(args[0]), args[1]),
    key: (call) => {
      const name = String(call.args[0])
      return normalisedKey(name, of(call), types.get(name))
    },
    key_is_empty: (call) =>
      keyFields(String(call.args[0]))
        .filter((name) => name !== 'country' || call.args[0] === 'country')
        .map((name) => `coalesce(trim(${of(call)(name)}), '') = ''`)
        .join(' and '),
    key_is_placeholder: (call) => {
      const [name = ''] = keyFields(String(call.args[0]))
      return isPlaceholder(of(call)(name))
    },
    key_otherwise: ({ args }) => {
      const name = String(args[0])
      return literal(keyOtherwise(name, types.get(name)))
    },
    near_key: ({ args }) => nearKey(String(args[0])) ?? 'null',
    clean_email: ({ args }) => cleanEmail(sqlOf(args[0])),
    mailbox_host: ({ args }) => mailboxHost(sqlOf(args[0])),
    website_host: ({ args }) => websiteHost(sqlOf(args[0])),
    ...keyHelpers,
    plain_key: (call) => plainKey(of(call)(String(call.args[0]))),
    role_mailbox: (call) => {
      const email = of(call)('email')
      return `coalesce(${emailLocal(email)} in ${roleNames}, false)`
    },
    role_address: ({ args }) =>
      `coalesce(${emailLocal(sqlOf(args[0]))} in ${roleNames}, false)`,
    email_host: ({ args }) => emailHost(sqlOf(args[0])),
    key_hash: ({ args, named }) => {
      const columns = (names: unknown) =>
        list(names).map((name) =>
          sqlOf(`${String(named['of'])}.${String(name)}`),
        )
      const letters = Number(named['letters'] ?? 0)
      const begun = columns(args[1]).map((each) => `left(${each}, ${letters})`)
      const all = [...columns(args[0]), ...begun].join(', ')
      return `md5_number(concat_ws(chr(31), ${all}))`
    },
    apart_value: (call) =>
      apartValue(part(call.args[0]), String(call.args[1]), of(call)),
    apart_conflict: ({ args }) => apartConflict(part(args[0]), String(args[1])),
    apart_pair: ({ args }) => apartPair(part(args[0]), String(args[1])),
    household: () => household(),
    similarity: ({ args }) => similarity(part(args[0])),
    mean_similarity: ({ args }) => meanSimilarity(part(args[0])),
    evidence: ({ args }) => evidence(part(args[0])),
    idents: ({ args }) =>
      list(args[0])
        .map((name) => identifier(String(name)))
        .join(', '),
    array: ({ args }) => `[${list(args[0]).map(text).join(', ')}]`,
    text: ({ args }) => literal(args.map(String).join('')),
    condition: (call) =>
      conditions(part<readonly Condition[]>(call.args[0]), of(call)),
    month_of: (call) =>
      `cast(date_trunc('month', cast(${of(call)(String(call.args[0]))} as timestamp)) as date)`,
    source_text: (call) =>
      `coalesce(nullif(trim(cast(${of(call)(String(call.args[0]))} as varchar)), ''), 'none')`,
    auto_compare: ({ args }) =>
      levelColumns(part<readonly Comparison[]>(args[0])),
    auto_faced: ({ args }) =>
      faced(
        identifier(String(args[0])),
        sqlOf(args[1]),
        part<readonly Comparison[]>(args[2]),
      ),
    auto_levels: ({ args }) => levelNames(part<readonly Comparison[]>(args[0])),
    auto_weighed: ({ args }) =>
      weighed(part<readonly Comparison[]>(args[1]), {
        pairs: sqlOf(args[0]),
        parameters: sqlOf(args[2]),
        values: sqlOf(args[3]),
      }),
    auto_evidence: ({ args }) =>
      evidenceWords(part<readonly Comparison[]>(args[0])),
    count_name: ({ args }) => identifier(`count_${String(args[0])}`),
    share_name: ({ args }) => identifier(`share_${String(args[0])}`),
    crm_rank: (call) => crmRank(of(call)),
    live_rank: (call) => liveRank(of(call)),
    winner_values: (call) =>
      winnerValues(part<Ranking>(call.args[0]), of(call), fields),
    winner_step: ({ args }) =>
      winnerStep(part<WinnerStep>(args[0]), part<Ranking>(args[1])),
    winner_order: ({ args }) => winnerOrder(part<Ranking>(args[0])),
    winner_criteria: ({ args }) => winnerCriteria(part<Ranking>(args[0])),
    survivor_value: (call) => survivor(call).value,
    survivor_source: (call) => survivor(call).source,
    hash_clean: (call) => steps(call).clean(sqlOf(call.args[1])),
    hash_text: (call) => steps(call).text(sqlOf(call.args[1])),
    hash_problem: (call) => steps(call).problem(sqlOf(call.args[1])),
    hash_digest: ({ args }) => digest(part<HashRule>(args[0]), sqlOf(args[1])),
    field_text: ({ args, named }) =>
      asText(
        sqlOf(`${String(named['of'])}.${String(args[0])}`),
        String(args[1]),
      ),
    field_size: ({ args, named }) =>
      sizeOf(
        asText(
          sqlOf(`${String(named['of'])}.${String(args[0])}`),
          String(args[1]),
        ),
        text(args[1]),
      ),
    holds: ({ args }) => holds(sqlOf(args[0]), sqlOf(args[1])),
    size: ({ args }) => sizeOf(sqlOf(args[0]), sqlOf(args[1])),
    stamp_value: ({ args }) => stampValue(part<Stamp>(args[0]), context.as_of),
  }
  return Object.fromEntries(
    Object.entries(rendered).map(([name, render]) => [
      name,
      (call: HelperCall) => new Sql(render(call)),
    ]),
  )
}
