/** The models, tests and sources of a project's folder. */
import { posix } from 'node:path'
import { didYouMean, type Path, type Problem } from '../pipeline/problem.js'
import { ownSchema, type Relation, type Resolver } from './helper.js'
import { remembered } from './memory.js'
import type { Model, ModelTest, SourceTable } from './model.js'
import { modelSchema, namePattern, sourceSchema } from './model-schema.js'
import { testsOf } from './model-test.js'
import {
  fileProblem,
  type ProjectFile,
  readFiles,
  readForm,
  templateProblem,
  throwProblems,
} from './project-file.js'
import { referenceProblems } from './project-reference.js'
import { hint, TemplateError } from './template-error.js'
import { staticReferences } from './template.js'

export interface Project {
  /** By name; in the order of the files' paths. */
  readonly models: ReadonlyMap<string, Model>
  /** By `schema.table`. */
  readonly sources: ReadonlyMap<string, SourceTable>
}

interface Found<T> {
  readonly found: readonly T[]
  readonly problems: readonly Problem[]
}

const sourceFile = 'source.yml'

/** Models that analysts read are in DuckDB's own schema. */
function schemaOf(folder: string): string {
  return folder === 'mart' ? 'main' : folder
}

function readSources(files: readonly ProjectFile[]): Found<SourceTable> {
  const file = files.find(({ path }) => path === sourceFile)
  if (file === undefined) return { found: [], problems: [] }
  const { form, problems } = readForm(file, sourceSchema)
  const found = (form?.sources ?? []).flatMap(({ schema, tables }) =>
    tables.map(({ name, description }) => ({
      schema,
      table: name,
      description,
    })),
  )
  const names = found.map(sourceName)
  const twice = names.filter((name, index) => names.indexOf(name) !== index)
  return {
    found,
    problems: [
      ...problems,
      ...twice.map((name) =>
        fileProblem(file.file, `${name} is declared twice; keep one.`),
      ),
    ],
  }
}

function sourceName({ schema, table }: SourceTable): string {
  return `${schema}.${table}`
}

/** What is wrong with where a file stands, or null. */
function placeProblem({ path, file }: ProjectFile, schemas: Set<string>) {
  const [folder = '', ...rest] = path.split('/')
  const name = posix.basename(path, '.sql')
  if (rest.length === 0) {
    return fileProblem(
      file,
      'a model belongs in a folder under models; its folder names its schema.',
    )
  }
  if (!namePattern.test(name) || !namePattern.test(folder)) {
    return fileProblem(
      file,
      "the names of a model's file and first folder must be lower-case letters, digits and _; rename it.",
    )
  }
  if (folder === 'main' || schemas.has(folder)) {
    return fileProblem(
      file,
      `a folder of models cannot be called ${folder}, because that schema holds ${folder === 'main' ? 'the models of mart' : 'sources'}; rename the folder.`,
    )
  }
  return null
}

/** Of files that are as they were, the model is as it was. */
function readModel(sql: ProjectFile, yaml: ProjectFile): Found<Model> {
  return modelOf(sql.path, sql.file, sql.text, yaml.path, yaml.file, yaml.text)
}

const modelOf = remembered(
  (
    path: string,
    file: string,
    text: string,
    yamlPath: string,
    yamlFile: string,
    yamlText: string,
  ) =>
    parsedModel(
      { path, file, text },
      { path: yamlPath, file: yamlFile, text: yamlText },
    ),
)

function parsedModel(sql: ProjectFile, yaml: ProjectFile): Found<Model> {
  const { form, document, problems } = readForm(yaml, modelSchema)
  const template = { file: sql.file, text: sql.text }
  const path = sql.path.slice(0, -'.sql'.length)
  const [folder = ''] = path.split('/')
  const name = posix.basename(path)
  try {
    const references = staticReferences(template)
    if (form === null) return { found: [], problems }
    const place = {
      model: name,
      file: yaml.file,
      text: yaml.text,
      locate: (at: Path) => document.locate(at),
    }
    const model: Model = {
      name,
      folder,
      path,
      relation: { schema: schemaOf(folder), name },
      template,
      yaml: yaml.file,
      references,
      description: form.description.trim(),
      materialized: form.materialized,
      tags: form.tags,
      columns: form.columns.map((column) => ({
        name: column.name,
        description: column.description,
      })),
      tests: testsOf(form, place),
    }
    return { found: [model], problems }
  } catch (thrown) {
    return { found: [], problems: [...problems, templateProblem(thrown)] }
  }
}

function readModels(
  files: readonly ProjectFile[],
  schemas: Set<string>,
): Found<Model> {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const found = files.map((file): Found<Model> => {
    if (file.path === sourceFile) return { found: [], problems: [] }
    const stem = file.path.replace(/\.[a-z]+$/, '')
    const yaml = byPath.get(`${stem}.yml`)
    if (!file.path.endsWith('.sql')) {
      const isAlone = file !== yaml || !byPath.has(`${stem}.sql`)
      const message = `there is no ${posix.basename(stem)}.sql beside it that it could describe; name both alike, the one .sql and the other .yml.`
      return {
        found: [],
        problems: isAlone ? [fileProblem(file.file, message)] : [],
      }
    }
    const wrong = placeProblem(file, schemas)
    if (wrong !== null) return { found: [], problems: [wrong] }
    if (yaml !== undefined) return readModel(file, yaml)
    const message = `there is no ${posix.basename(stem)}.yml beside it; write one with description and materialized.`
    return { found: [], problems: [fileProblem(file.file, message)] }
  })
  return {
    found: found.flatMap((each) => each.found),
    problems: found.flatMap((each) => each.problems),
  }
}

/**
 * Reads and checks every model under a folder.
 * @throws ProjectError (exit 3) with every mistake: file, line and column
 */
export async function loadProject(
  folder: string,
  base = '.',
): Promise<Project> {
  const files = await readFiles(folder, base)
  const sources = readSources(files)
  const schemas = new Set([
    ownSchema,
    ...sources.found.map(({ schema }) => schema),
  ])
  const models = readModels(files, schemas)
  throwProblems([
    ...sources.problems,
    ...models.problems,
    ...referenceProblems(models.found, sources.found.map(sourceName)),
  ])
  return {
    models: new Map(models.found.map((model) => [model.name, model])),
    sources: new Map(sources.found.map((each) => [sourceName(each), each])),
  }
}

/** Every test of the project, in the order of the models. */
export function projectTests({ models }: Project): ModelTest[] {
  return [...models.values()].flatMap(({ tests }) => tests)
}

/** Resolves the names that templates use to this project's relations. */
export function projectResolver({ models, sources }: Project): Resolver {
  return {
    ref: (name, at): Relation => {
      const model = models.get(name)
      if (model !== undefined) return model.relation
      throw new TemplateError(
        at,
        `there is no model "${name}".${didYouMean(name, [...models.keys()])}`,
      )
    },
    source: (schema, table, at): Relation => {
      const name = `${schema}.${table}`
      if (sources.has(name)) return { schema, name: table }
      throw new TemplateError(
        at,
        schema === ownSchema
          ? `the pipeline declares no source "${table}" under source.`
          : `there is no source "${name}"; declare it in ${sourceFile}.${hint(name, [...sources.keys()])}`,
      )
    },
  }
}
