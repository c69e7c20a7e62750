import type {
  DatabaseIntrospector,
  DatabaseMetadata,
  DatabaseMetadataOptions,
  SchemaMetadata,
  TableMetadata,
} from 'kysely'
import { DEFAULT_MIGRATION_LOCK_TABLE, DEFAULT_MIGRATION_TABLE } from 'kysely'
import type { Warehouse } from './warehouse.js'

interface ColumnRow {
  readonly schema: string
  readonly table: string
  readonly is_view: boolean
  readonly name: string
  readonly type: string
  readonly is_nullable: boolean
  readonly has_default: boolean
}

const columnSql = `
select
  c.schema_name as "schema",
  c.table_name as "table",
  v.view_name is not null as is_view,
  c.column_name as name,
  c.data_type as type,
  c.is_nullable,
  c.column_default is not null as has_default
from duckdb_columns() as c
left join duckdb_views() as v
  on v.database_name = c.database_name
  and v.schema_name = c.schema_name
  and v.view_name = c.table_name
where not c.internal and c.database_name = current_database()
order by 1, 2, c.column_index`

/**
 * What kysely's migrator asks for. PostgreSQL's introspector calls functions
 * that DuckDB does not have.
 */
export class WarehouseIntrospector implements DatabaseIntrospector {
  readonly #warehouse: Warehouse

  constructor(warehouse: Warehouse) {
    this.#warehouse = warehouse
  }

  async getSchemas(): Promise<SchemaMetadata[]> {
    return await this.#warehouse.rows<SchemaMetadata>(
      'select schema_name as name from duckdb_schemas() where not internal and database_name = current_database()',
    )
  }

  async getTables(
    options: DatabaseMetadataOptions = { withInternalKyselyTables: false },
  ): Promise<TableMetadata[]> {
    const rows = await this.#warehouse.rows<ColumnRow>(columnSql)
    const own = new Set([DEFAULT_MIGRATION_TABLE, DEFAULT_MIGRATION_LOCK_TABLE])
    const wanted = options.withInternalKyselyTables
      ? rows
      : rows.filter((row) => !own.has(row.table))
    const tables = new Map<string, ColumnRow[]>()
    for (const row of wanted) {
      const key = `${row.schema}\0${row.table}`
      tables.set(key, [...(tables.get(key) ?? []), row])
    }
    return [...tables.values()].flatMap(tableOf)
  }

  async getMetadata(
    options?: DatabaseMetadataOptions,
  ): Promise<DatabaseMetadata> {
    return { tables: await this.getTables(options) }
  }
}

function tableOf(rows: readonly ColumnRow[]): TableMetadata[] {
  const [first] = rows
  if (first === undefined) return []
  return [
    {
      schema: first.schema,
      name: first.table,
      isView: first.is_view,
      columns: rows.map((row) => ({
        name: row.name,
        dataType: row.type,
        isNullable: row.is_nullable,
        hasDefaultValue: row.has_default,
        isAutoIncrementing: false,
      })),
    },
  ]
}
