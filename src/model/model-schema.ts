/** The YAML beside a model, and the YAML of the sources. */
import { z } from 'zod'
import { checked, text } from '../pipeline/scalar.js'

/** Lower case, so that names are the same on every file system. */
export const namePattern = /^[a-z][a-z0-9_]*$/

const name = checked((value) =>
  namePattern.test(value)
    ? null
    : 'is not a name; use lower-case letters, digits and _.',
)

const description = checked((value) =>
  /\bOne row per [^.]+\.$/.test(value.trim())
    ? null
    : 'must end with a sentence that says what a row is: "One row per …."',
)

const severity = z.enum(['error', 'warn']).default('error')

const columnNames = z.array(text).min(1)

/** In a key of its own each, so that an unknown one is told by its name. */
const columnTest = z
  .strictObject({
    unique: z.strictObject({ severity }).optional(),
    not_null: z.strictObject({ severity }).optional(),
    accepted_values: z
      .strictObject({
        values: z.array(z.union([z.string(), z.number(), z.boolean()])).min(1),
        severity,
      })
      .optional(),
    relationships: z
      .strictObject({ to: name, field: text, severity })
      .optional(),
  })
  .refine((test) => Object.keys(test).length === 1, {
    error:
      'must be one test: unique, not_null, accepted_values or relationships.',
  })

const modelTest = z
  .strictObject({
    unique: columnNames.optional(),
    name: name.optional(),
    sql: text.optional(),
    severity,
  })
  .refine(
    ({ unique, name: named, sql }) =>
      unique === undefined
        ? named !== undefined && sql !== undefined
        : named === undefined && sql === undefined,
    { error: 'must have unique with a list of columns, or name and sql.' },
  )

const column = z.strictObject({
  name: text,
  description: text,
  tests: z
    .array(z.union([z.enum(['unique', 'not_null']), columnTest]))
    .default([]),
})

export const modelSchema = z.strictObject({
  description,
  materialized: z.enum(['table', 'view', 'component', 'linkage']),
  tags: z.array(name).default([]),
  columns: z.array(column).default([]),
  tests: z.array(modelTest).default([]),
})

export type ModelForm = z.output<typeof modelSchema>
export type ColumnTestForm = ModelForm['columns'][number]['tests'][number]

export const sourceSchema = z.strictObject({
  sources: z.array(
    z.strictObject({
      schema: name,
      description: text,
      tables: z.array(z.strictObject({ name, description })).min(1),
    }),
  ),
})
