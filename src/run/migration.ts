import { type Kysely, type Migration, Migrator, sql } from 'kysely'
import { asError, badInput, exitCode, PipelineError } from '../error.js'
import type { Meta } from './meta.js'
import { toolVersion } from './version.js'

/**
 * Migrations see no table types: they must keep working when the types have
 * moved on.
 */
const migrations: Readonly<Record<string, Migration>> = {
  '0001_first_tables': {
    async up(db: Kysely<unknown>) {
      const meta = db.schema.withSchema('meta')
      await meta
        .createTable('run')
        .addColumn('run_id', 'varchar', (c) => c.primaryKey())
        .addColumn('pipeline', 'varchar', (c) => c.notNull())
        .addColumn('status', 'varchar', (c) => c.notNull())
        .addColumn('exit_code', 'integer')
        .addColumn('started_at', 'timestamp', (c) => c.notNull())
        .addColumn('ended_at', 'timestamp')
        .addColumn('tool_version', 'varchar')
        .addColumn('rules_hash', 'varchar')
        .addColumn('resumed_from', 'varchar')
        .addColumn('plan_hash', 'varchar')
        .addColumn('leads', 'bigint')
        .addColumn('review', 'bigint')
        .addColumn('merges', 'bigint')
        .addColumn('merged_leads', 'bigint')
        .addColumn('updates', 'bigint')
        .addColumn('opt_outs_kept', 'bigint')
        .addColumn('calls_used', 'bigint')
        .addColumn('calls_budget', 'bigint')
        .addColumn('export_bytes', 'bigint')
        .addColumn('message', 'varchar')
        .addColumn('error_code', 'varchar')
        .addColumn('error', 'varchar')
        .execute()
      await meta
        .createTable('step')
        .addColumn('run_id', 'varchar', (c) => c.notNull())
        .addColumn('step', 'varchar', (c) => c.notNull())
        .addColumn('status', 'varchar', (c) => c.notNull())
        .addColumn('started_at', 'timestamp')
        .addColumn('seconds', 'double precision')
        .addColumn('text', 'varchar')
        .execute()
      await meta
        .createTable('export_job')
        .addColumn('run_id', 'varchar', (c) => c.notNull())
        .addColumn('export_id', 'varchar', (c) => c.notNull())
        .addColumn('filter', 'varchar')
        .addColumn('window_start', 'timestamp')
        .addColumn('window_end', 'timestamp')
        .addColumn('status', 'varchar')
        .addColumn('rows', 'bigint')
        .addColumn('bytes', 'bigint')
        .execute()
      await meta
        .createTable('model_result')
        .addColumn('run_id', 'varchar', (c) => c.notNull())
        .addColumn('model', 'varchar', (c) => c.notNull())
        .addColumn('status', 'varchar')
        .addColumn('rows', 'bigint')
        .addColumn('seconds', 'double precision')
        .addColumn('message', 'varchar')
        .execute()
      await meta
        .createTable('test_result')
        .addColumn('run_id', 'varchar', (c) => c.notNull())
        .addColumn('test', 'varchar', (c) => c.notNull())
        .addColumn('model', 'varchar')
        .addColumn('status', 'varchar')
        .addColumn('failures', 'bigint')
        .addColumn('message', 'varchar')
        .execute()
      await planTables(db)
      await logTables(db)
    },
  },
  '0003_label': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .withSchema('meta')
        .createTable('label')
        .addColumn('a', 'bigint', (c) => c.notNull())
        .addColumn('b', 'bigint', (c) => c.notNull())
        .addColumn('is_same', 'boolean', (c) => c.notNull())
        .addColumn('author', 'varchar', (c) => c.notNull())
        .addColumn('decided_at', 'timestamp')
        .addColumn('probability', 'double precision')
        .addColumn('origin', 'varchar', (c) => c.notNull())
        .execute()
    },
  },
  '0004_field_change': {
    async up(db: Kysely<unknown>) {
      const meta = db.schema.withSchema('meta')
      // Its rows come from the contract's file again.
      await meta.dropTable('field_contract').execute()
      await meta
        .createTable('field_contract')
        .addColumn('field', 'varchar', (c) => c.primaryKey())
        .addColumn('display_name', 'varchar')
        .addColumn('data_type', 'varchar')
        .addColumn('length', 'bigint')
        .addColumn('updateable', 'boolean')
        .addColumn('crm_managed', 'boolean')
        .addColumn('first_seen', 'timestamp')
        .addColumn('last_seen', 'timestamp')
        .addColumn('change', 'varchar')
        .addColumn('field_id', 'varchar')
        .addColumn('is_hidden', 'boolean')
        .addColumn('is_sensitive', 'boolean')
        .addColumn('former_names', 'varchar')
        .execute()
      await meta
        .createTable('field_change')
        .addColumn('field', 'varchar', (c) => c.notNull())
        .addColumn('change', 'varchar', (c) => c.notNull())
        .addColumn('before', 'varchar')
        .addColumn('after', 'varchar')
        .addColumn('seen_at', 'timestamp')
        .execute()
    },
  },
  '0010_witness': {
    async up(db: Kysely<unknown>) {
      await witnessTables(db)
      // Plans and journals are read again, with what they say beyond.
      await sql`update meta.plan set journal_bytes = -1`.execute(db)
    },
  },
  '0011_route': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .withSchema('meta')
        .createTable('route')
        .addColumn('run_id', 'varchar', (c) => c.notNull())
        .addColumn('route', 'varchar', (c) => c.notNull())
        .addColumn('is_chosen', 'boolean', (c) => c.notNull())
        .addColumn('calls', 'bigint')
        .addColumn('bytes', 'bigint')
        .execute()
    },
  },
}

/** What `why` needs of plans and journals, and what was restored. */
async function witnessTables(db: Kysely<unknown>): Promise<void> {
  const meta = db.schema.withSchema('meta')
  await meta.alterTable('plan_row').addColumn('lead_values', 'json').execute()
  await meta.alterTable('plan_row').addColumn('kept', 'json').execute()
  await meta
    .createTable('attempt')
    .addColumn('plan_hash', 'varchar', (c) => c.notNull())
    .addColumn('row_id', 'varchar', (c) => c.notNull())
    .addColumn('attempt', 'varchar', (c) => c.notNull())
    .addColumn('send', 'varchar', (c) => c.notNull())
    .addColumn('call', 'integer')
    .addColumn('run_id', 'varchar')
    .addColumn('sent_at', 'timestamp')
    .addColumn('ended_at', 'timestamp')
    .addColumn('outcome', 'varchar')
    .addColumn('code', 'varchar')
    .addColumn('request_id', 'varchar')
    .execute()
  await meta
    .createTable('approval')
    .addColumn('plan_hash', 'varchar', (c) => c.notNull())
    .addColumn('author', 'varchar', (c) => c.notNull())
    .addColumn('approved_at', 'timestamp')
    .execute()
  await meta
    .createTable('restored')
    .addColumn('plan_hash', 'varchar', (c) => c.notNull())
    .addColumn('row_id', 'varchar', (c) => c.notNull())
    .addColumn('run_id', 'varchar')
    .addColumn('lead_id', 'bigint', (c) => c.notNull())
    .addColumn('new_id', 'bigint', (c) => c.notNull())
    .addColumn('restored_at', 'timestamp')
    .execute()
}

async function planTables(db: Kysely<unknown>): Promise<void> {
  const meta = db.schema.withSchema('meta')
  await meta
    .createTable('plan')
    .addColumn('plan_hash', 'varchar', (c) => c.primaryKey())
    .addColumn('pipeline', 'varchar')
    .addColumn('instance', 'varchar')
    .addColumn('as_of', 'timestamp')
    .addColumn('rules_hash', 'varchar')
    .addColumn('leads', 'bigint')
    .addColumn('merges', 'bigint')
    .addColumn('losers', 'bigint')
    .addColumn('updates', 'bigint')
    .addColumn('calls', 'bigint')
    .addColumn('minutes', 'double precision')
    .addColumn('journal_bytes', 'bigint')
    .execute()
  await meta
    .createTable('plan_row')
    .addColumn('plan_hash', 'varchar', (c) => c.notNull())
    .addColumn('row_id', 'varchar', (c) => c.notNull())
    .addColumn('kind', 'varchar', (c) => c.notNull())
    .addColumn('lead_id', 'bigint', (c) => c.notNull())
    .addColumn('loser_ids', 'json')
    .addColumn('before_values', 'json')
    .addColumn('after_values', 'json')
    .addColumn('reason', 'json')
    .execute()
  await meta
    .createTable('outcome')
    .addColumn('plan_hash', 'varchar', (c) => c.notNull())
    .addColumn('row_id', 'varchar', (c) => c.notNull())
    .addColumn('run_id', 'varchar')
    .addColumn('status', 'varchar', (c) => c.notNull())
    .addColumn('reason', 'varchar')
    .addColumn('ended_at', 'timestamp')
    .execute()
}

async function logTables(db: Kysely<unknown>): Promise<void> {
  const meta = db.schema.withSchema('meta')
  await meta
    .createTable('api_call')
    .addColumn('run_id', 'varchar', (c) => c.notNull())
    .addColumn('ts', 'timestamp')
    .addColumn('endpoint', 'varchar')
    .addColumn('method', 'varchar')
    .addColumn('http', 'integer')
    .addColumn('code', 'varchar')
    .addColumn('request_id', 'varchar')
    .addColumn('outcome', 'varchar')
    .addColumn('milliseconds', 'double precision')
    .execute()
  await meta
    .createTable('field_contract')
    .addColumn('field', 'varchar', (c) => c.primaryKey())
    .addColumn('display_name', 'varchar')
    .addColumn('data_type', 'varchar')
    .addColumn('length', 'bigint')
    .addColumn('updateable', 'boolean')
    .addColumn('crm_managed', 'boolean')
    .addColumn('first_seen', 'timestamp')
    .addColumn('last_seen', 'timestamp')
    .addColumn('change', 'varchar')
    .execute()
  await meta
    .createTable('log')
    .addColumn('run_id', 'varchar', (c) => c.notNull())
    .addColumn('ts', 'timestamp')
    .addColumn('level', 'varchar')
    .addColumn('event', 'varchar')
    .addColumn('line', 'json')
    .execute()
}

/** Brings schema `meta` up to date; a failed migration leaves nothing. */
export async function migrateMeta(meta: Meta): Promise<void> {
  await sql`create schema if not exists meta`.execute(meta)
  const migrator = new Migrator({
    db: meta,
    migrationTableSchema: 'meta',
    migrationTableName: 'migration',
    migrationLockTableName: 'migration_lock',
    provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
  })
  const { error } = await migrator.migrateToLatest()
  if (error === undefined) return
  const { message } = asError(error)
  const newer = /previously executed migration (\S+) is missing/.exec(message)
  if (newer !== null) {
    throw badInput(
      'meta_newer',
      `A newer version of the program wrote the build file: its run tables have ${newer[1] ?? ''}, which version ${toolVersion()} does not know. Nothing was planned and nothing was sent; update the program, or move the build file aside, and the next run rebuilds it.`,
    )
  }
  throw new PipelineError(
    'meta_migration',
    `The run tables of the build file could not be brought up to date: ${message} Move the build file aside; the next run rebuilds it.`,
    { exit: exitCode.failed, cause: error },
  )
}
