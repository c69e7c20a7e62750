import type { Command } from 'commander'
import { badInput } from '../error.js'
import type { Compiled } from '../model/compile.js'
import { relation } from '../warehouse/quote.js'
import { rowTable } from './build.js'
import { type ModelWork, withModels } from './model.js'
import {
  type CommandContext,
  printDocument,
  type Settings,
  settings,
} from './output.js'

interface ShowFlags {
  readonly limit: string
  readonly test?: string
  readonly inline?: string
}

export function registerShow(program: Command, context: CommandContext): void {
  program
    .command('show')
    .description('show rows of a model, or the rows that fail a test')
    .argument('<name>', 'pipeline')
    .argument('[model]', 'model, for example duplicate_group')
    .option('--test <test>', 'rows that should not be there')
    .option('--inline <sql>', 'a select over the models')
    .option('--limit <n>', 'at most this many rows', '10')
    .action(
      async (
        name: string,
        model: string | undefined,
        flags: ShowFlags,
        command: Command,
      ) => {
        const options = settings(command, context)
        await withModels(name, options, context, (work) =>
          show(work, model, flags, options, context),
        )
      },
    )
}

async function show(
  { warehouse, compiled }: ModelWork,
  model: string | undefined,
  flags: ShowFlags,
  options: Settings,
  context: CommandContext,
): Promise<void> {
  const limit = Math.min(Math.max(Number(flags.limit) || 10, 1), 10_000)
  const sql = await queryOf(compiled, model, flags)
  const rows = await warehouse.rows<Record<string, unknown>>(
    `select * from (\n${sql}\n) limit ${limit}`,
  )
  if (options.json) printDocument(context, { rows })
  else context.stdout.write(`${rowTable(rows).join('\n')}\n`)
}

async function queryOf(
  compiled: Compiled,
  model: string | undefined,
  flags: ShowFlags,
): Promise<string> {
  if (flags.inline !== undefined) return flags.inline
  if (flags.test !== undefined) {
    const names = compiled.tests.map(({ test }) => test.name)
    const found = compiled.tests.find(({ test }) => test.name === flags.test)
    if (found !== undefined) return found.sql
    throw await unknown('test', flags.test, names)
  }
  if (model === undefined) {
    throw badInput(
      'nothing_to_show',
      'Name a model, or give --test or --inline.',
    )
  }
  const found = compiled.models.get(model)?.model.relation
  if (found !== undefined) {
    return `from ${relation(found.schema, found.name)}`
  }
  throw await unknown('model', model, [...compiled.models.keys()])
}

async function unknown(
  what: string,
  name: string,
  known: readonly string[],
): Promise<Error> {
  const { didYouMean } = await import('../pipeline/problem.js')
  return badInput(
    `no_${what}`,
    `There is no ${what} ${name}.${didYouMean(name, known)}`,
  )
}
