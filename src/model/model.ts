import type { Relation } from './helper.js'
import type { StaticReferences, Template } from './template.js'

export type Materialisation = 'table' | 'view' | 'component' | 'linkage'
export type Severity = 'error' | 'warn'
export type Scalar = string | number | boolean

export interface Column {
  readonly name: string
  readonly description: string
}

interface TestBase {
  /** Unique in the project, as dbt would call it. */
  readonly name: string
  readonly model: string
  readonly severity: Severity
  /** Where it was written. */
  readonly at: { readonly line: number; readonly column: number }
}

/** A query that must return no rows, in its written form. */
export type ModelTest = TestBase &
  (
    | { readonly kind: 'unique'; readonly columns: readonly string[] }
    | { readonly kind: 'not_null'; readonly column: string }
    | {
        readonly kind: 'accepted_values'
        readonly column: string
        readonly values: readonly Scalar[]
      }
    | {
        readonly kind: 'relationships'
        readonly column: string
        readonly to: string
        readonly field: string
      }
    | {
        readonly kind: 'sql'
        readonly template: Template
        readonly references: StaticReferences
      }
  )

/** One templated select and what its YAML says of it. */
export interface Model {
  readonly name: string
  /** First folder under models. */
  readonly folder: string
  /** `dedupe/cluster`: under models, without the ending. */
  readonly path: string
  readonly relation: Relation
  readonly template: Template
  /** The YAML beside it, as a person would type it. */
  readonly yaml: string
  readonly references: StaticReferences
  readonly description: string
  readonly materialized: Materialisation
  readonly tags: readonly string[]
  readonly columns: readonly Column[]
  readonly tests: readonly ModelTest[]
}

/** A table that this project reads and something else fills. */
export interface SourceTable {
  readonly schema: string
  readonly table: string
  readonly description: string
}
