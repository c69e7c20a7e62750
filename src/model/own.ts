/** Models and sources that belong to the pipelines that name them. */
import type { EnrichService, Pipeline } from '../pipeline/pipeline.js'
import {
  didYouMean,
  dotted,
  type Path,
  type Position,
  type Problem,
} from '../pipeline/problem.js'
import { ownSchema } from './helper.js'
import type { Model, SourceTable } from './model.js'
import type { Project } from './project.js'
import { throwProblems } from './project-file.js'
import type { StaticReferences } from './template.js'

/** Models in here are built for the pipelines that name them alone. */
export const ownFolder = 'enrich'

/** Whether `source.orders` is declared by a pipeline, not by source.yml. */
export function isOwn(source: string): boolean {
  return source.startsWith(`${ownSchema}.`)
}

export interface Reader {
  readonly file: string
  readonly references: StaticReferences
}

/** The templates of a model: its own, and those of its tests. */
export function readers({
  template,
  references,
  tests,
  yaml,
}: Model): Reader[] {
  return [
    { file: template.file, references },
    ...tests.flatMap((test) =>
      test.kind === 'sql' ? [{ file: yaml, references: test.references }] : [],
    ),
  ]
}

/**
 * The project as one pipeline builds it: of models/enrich only what its
 * services name and what those read, and with the sources that it declares.
 * @throws ProjectError (exit 3) for a model or source that does not exist
 */
export function ownProject(
  project: Project,
  pipeline: Pipeline,
  locate: (path: Path) => Position = () => ({ line: 1, column: 1 }),
): Project {
  const named = pipeline.services.filter(
    (service): service is EnrichService => service.type === 'enrich',
  )
  const byPath = new Map([...project.models.values()].map((m) => [m.path, m]))
  throwProblems(
    named
      .filter(({ model }) => !byPath.has(model))
      .map((service) => noModel(service, pipeline, [...byPath.keys()], locate)),
  )
  const roots = [...project.models.values()].filter(
    ({ folder, path }) =>
      folder !== ownFolder || named.some(({ model }) => model === path),
  )
  const kept = withAncestors(roots, project)
  const models = [...project.models.values()].filter((m) => kept.has(m.name))
  throwProblems(models.flatMap((model) => undeclared(model, pipeline)))
  const sources = [...project.sources.values(), ...ownSources(pipeline)]
  return {
    models: new Map(models.map((model) => [model.name, model])),
    sources: new Map(sources.map((s) => [`${s.schema}.${s.table}`, s])),
  }
}

/**
 * Every name in the SQL of models of the user's own. Those that are fields of
 * the instance are exported for them; one too many costs a few bytes.
 */
export function ownWords({ models }: Project): ReadonlySet<string> {
  const own = [...models.values()].filter(({ folder }) => folder === ownFolder)
  const texts = own.map(({ template }) => template.text.replace(/--.*/g, ''))
  return new Set(texts.flatMap((text) => text.match(/[A-Za-z_]\w*/g) ?? []))
}

function withAncestors(
  roots: readonly Model[],
  { models }: Project,
): ReadonlySet<string> {
  const kept = new Set<string>()
  const waiting = roots.map(({ name }) => name)
  for (const name of waiting) {
    const model = models.get(name)
    if (model === undefined || kept.has(name)) continue
    kept.add(name)
    for (const { references } of readers(model))
      waiting.push(...references.refs)
    for (const test of model.tests) {
      if (test.kind === 'relationships') waiting.push(test.to)
    }
  }
  return kept
}

function ownSources({ sources, file }: Pipeline): SourceTable[] {
  return sources.map(({ name, path }) => ({
    schema: ownSchema,
    table: name,
    description: `${path}, as ${file} declares it. One row per row of it.`,
  }))
}

function noModel(
  { name, model }: EnrichService,
  { file }: Pipeline,
  paths: readonly string[],
  locate: (path: Path) => Position,
): Problem {
  const path = ['services', name, 'model']
  const own = paths.filter((each) => each.startsWith(`${ownFolder}/`))
  const message = `names models/${model}.sql, which does not exist.${didYouMean(model, own)}`
  return { file, ...locate(path), path: dotted(path), message }
}

function undeclared(model: Model, { file, sources }: Pipeline): Problem[] {
  const names = sources.map(({ name }) => name)
  return readers(model).flatMap(({ file: reader, references }) =>
    references.uses.flatMap(({ kind, name, at }) => {
      const source = name.slice(ownSchema.length + 1)
      if (kind !== 'source' || !isOwn(name) || names.includes(source)) return []
      const message = `there is no source "${source}" in ${file}; declare it there under source.${didYouMean(source, names)}`
      return [{ ...at, file: reader, path: '', message }]
    }),
  )
}
