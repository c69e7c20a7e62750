/** What people's labels tell of a pipeline's merges, without a truth. */
import { type Interval, wilson } from '../match/interval.js'
import { labelsOf } from '../pipeline/label.js'
import type { LoadedPipeline } from '../pipeline/load.js'
import { inForce } from '../pipeline/override.js'
import { overBuild } from './evaluate.js'
import type { Folders } from './folder.js'
import { makeFound } from './found.js'
import { fillLabels } from './label.js'
import { fillOverrides } from './override.js'
import {
  type LabelPrecision,
  labelPrecision,
  precisionStop,
} from './precision.js'

export interface ReviewedLabels {
  readonly labels: number
  readonly same: number
  readonly interval: Interval
}

export interface LabelEvaluation {
  readonly pipeline: string
  readonly precision: LabelPrecision
  /** The pipeline's `min_precision`; null where it sets none. */
  readonly wanted: number | null
  /** Why a plan would be stopped; null where it would not. */
  readonly stop: string | null
  /** Doubtful pairs that were decided, which say nothing of the rest. */
  readonly reviewed: ReviewedLabels
}

/** The labels and decisions are those of the files now. */
export async function evaluateLabels(
  folders: Folders,
  { pipeline, labels }: LoadedPipeline,
  day: string,
): Promise<LabelEvaluation> {
  return await overBuild({ folders, pipeline }, async (warehouse) => {
    await makeFound(warehouse)
    const tables = { label: 'temp.label', override: 'temp.decision' }
    await warehouse.run(
      'create temp table label (a bigint, b bigint, is_same boolean, author varchar, decided_at timestamp, probability double, origin varchar)',
    )
    await warehouse.run(
      'create temp table decision as from seed.override limit 0',
    )
    const { current } = inForce(pipeline.overrides, day)
    const all = labelsOf(labels, pipeline.overrides)
    await fillLabels(warehouse, 'label', all)
    await fillOverrides(warehouse, 'decision', current)
    const precision = await labelPrecision(warehouse, tables)
    const reviewed = await warehouse.one<{ labels: number; same: number }>(
      `select
         count(*) as labels,
         count(*) filter (where is_same) as same,
       from temp.label
       where origin <> 'sample'`,
    )
    const wanted = pipeline.load.guardrails.minPrecision
    return {
      pipeline: pipeline.name,
      precision,
      wanted,
      stop:
        wanted === null
          ? null
          : precisionStop(precision, wanted, pipeline.name),
      reviewed: {
        ...reviewed,
        interval: wilson(reviewed.same, reviewed.labels),
      },
    }
  })
}
