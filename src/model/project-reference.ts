/** Mistakes between files: names that do not exist or exist twice. */
import { didYouMean, type Problem } from '../pipeline/problem.js'
import { isOwn, ownFolder, type Reader, readers } from './own.js'
import { ownSchema } from './helper.js'
import type { Model, ModelTest } from './model.js'
import { fileProblem } from './project-file.js'

function grouped<T>(items: readonly T[], key: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    groups.set(key(item), [...(groups.get(key(item)) ?? []), item])
  }
  return [...groups.values()].filter(({ length }) => length > 1)
}

function sameNames(models: readonly Model[]): Problem[] {
  return grouped(models, ({ name }) => name).flatMap(([first, ...others]) =>
    others.map(({ name, template }) =>
      fileProblem(
        template.file,
        `a model named ${name} is already in ${first?.template.file ?? ''}; rename one, since models are named without their folder.`,
      ),
    ),
  )
}

function sameColumns({ columns, yaml }: Model): Problem[] {
  return grouped(columns, ({ name }) => name.toLowerCase()).map(([column]) =>
    fileProblem(yaml, `the column ${column?.name ?? ''} is described twice.`),
  )
}

function sameTests(models: readonly Model[]): Problem[] {
  const tests = models.flatMap((model) =>
    model.tests.map((test) => ({ ...test, file: model.yaml })),
  )
  return grouped(tests, ({ name }) => name).flatMap(([first, ...others]) =>
    others.map(({ name, file, at }) => ({
      file,
      ...at,
      path: '',
      message: `a test named ${name} is already in ${first?.file ?? ''}; rename or remove one.`,
    })),
  )
}

function strangers(
  { file, references }: Reader,
  models: readonly string[],
  sources: readonly string[],
): Problem[] {
  const unknown = references.uses.filter(({ kind, name }) =>
    kind === 'ref'
      ? !models.includes(name)
      : // A pipeline's own are known once the pipeline is.
        !isOwn(name) && !sources.includes(name),
  )
  return unknown.map(({ kind, name, at }) => ({
    ...at,
    file,
    path: '',
    message:
      kind === 'ref'
        ? `there is no model "${name}".${didYouMean(name, models)}`
        : `there is no source "${name}"; declare it in source.yml.${didYouMean(name, sources)}`,
  }))
}

/** A model that every pipeline builds cannot read what one of them declares. */
function misplaced(model: Model): Problem[] {
  if (model.folder === ownFolder) return []
  return readers(model).flatMap(({ file, references }) =>
    references.uses
      .filter(({ kind, name }) => kind === 'source' && isOwn(name))
      .map(({ name, at }) => ({
        ...at,
        file,
        path: '',
        message: `"${name.slice(ownSchema.length + 1)}" is a source of one pipeline, and this model is built for all of them; move it to models/${ownFolder}.`,
      })),
  )
}

function testTarget(
  test: ModelTest,
  file: string,
  models: readonly string[],
): Problem[] {
  if (test.kind !== 'relationships' || models.includes(test.to)) return []
  const message = `there is no model "${test.to}".${didYouMean(test.to, models)}`
  return [{ file, ...test.at, path: '', message }]
}

export function referenceProblems(
  models: readonly Model[],
  sources: readonly string[],
): Problem[] {
  const names = models.map(({ name }) => name)
  return [
    ...sameNames(models),
    ...sameTests(models),
    ...models.flatMap(sameColumns),
    ...models.flatMap(misplaced),
    ...models.flatMap((model) => [
      ...readers(model).flatMap((each) => strangers(each, names, sources)),
      ...model.tests.flatMap((test) => testTarget(test, model.yaml, names)),
    ]),
  ]
}
