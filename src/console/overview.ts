/** All pipelines at a glance. */
import type { Pipeline } from '../pipeline/pipeline.js'
import { healthOf, states, successOf } from './health.js'
import type { Page, Route } from './page.js'
import type { PipelineFile } from './pipeline-file.js'
import type { Project } from './project.js'
import { runLine } from './run-words.js'
import { nextRun } from './next-run.js'

/** Runs that the success rate is of. */
const recent = 30

async function rowOf(project: Project, file: PipelineFile, now: number) {
  const { name, loaded, problem } = file
  const pipeline = loaded?.pipeline ?? null
  const [{ last, isRunning }, used] = await Promise.all([
    project.last(name),
    project.today(name),
  ])
  const { runs } = project.history(name, recent)
  const next = nextRun(pipeline, { runs, now, known: file.changedAt })
  const { overdueSince } = next
  const health = healthOf({ problem, last, isRunning, overdueSince })
  // Why it is so is said once.
  const line = last === null ? null : runLine(last)
  return {
    name,
    description: pipeline?.description ?? '',
    owner: pipeline?.owner ?? '',
    groups: pipeline?.groups ?? [],
    services: servicesOf(pipeline),
    isRunning,
    canStart: loaded !== null && !isRunning,
    health: { ...health, why: health.why === line?.result ? '' : health.why },
    last: line,
    success: successOf(runs),
    next,
    used: used === null ? null : usedOf(used, pipeline),
  }
}

type Row = Awaited<ReturnType<typeof rowOf>>

function servicesOf(pipeline: Pipeline | null) {
  return (pipeline?.services ?? []).map(({ name, type }) => ({
    name,
    // A service that is called after its type is said once.
    type: name === type ? '' : type,
  }))
}

function usedOf(
  used: { calls: number; export_bytes: number; resets_at: string },
  pipeline: Pipeline | null,
) {
  const budget = pipeline?.marketo.budget
  return {
    calls: used.calls,
    bytes: used.export_bytes,
    callsOf: budget?.callsPerDay ?? 0,
    bytesOf: (budget?.exportMbPerDay ?? 0) * 1_000_000,
    resets: used.resets_at,
  }
}

const filters = ['group', 'state', 'owner'] as const
type Filter = (typeof filters)[number]

/** Every filter with the values that occur, and the one that is chosen. */
function choices(rows: readonly Row[], query: URLSearchParams) {
  const values: Record<Filter, string[]> = {
    group: rows.flatMap(({ groups }) => groups),
    state: states.filter((s) => rows.some(({ health }) => health.state === s)),
    owner: rows.map(({ owner }) => owner).filter((owner) => owner !== ''),
  }
  return filters.map((name) => ({
    name,
    options: [...new Set(values[name])].toSorted().map((value) => ({
      value,
      isChosen: query.get(name) === value,
    })),
  }))
}

function isWanted(row: Row, query: URLSearchParams): boolean {
  const [group, state, owner] = filters.map((name) => query.get(name) ?? '')
  if (group && !row.groups.includes(group)) return false
  if (state && row.health.state !== state) return false
  return !owner || row.owner === owner
}

function countsOf(rows: readonly Row[]) {
  return states
    .map((state) => {
      const found = rows.filter(({ health }) => health.state === state)
      return { state, count: found.length }
    })
    .filter(({ count }) => count > 0)
}

const page: Page = {
  kind: 'page',
  path: '/',
  role: 'viewer',
  template: 'overview',
  async load({ project, query, clock }) {
    const files = await project.pipelines()
    const now = clock.now()
    const all = await Promise.all(
      files.map((file) => rowOf(project, file, now)),
    )
    const rows = all.filter((row) => isWanted(row, query))
    return {
      title: 'Pipelines',
      refresh: all.some(({ isRunning }) => isRunning) ? 15 : 0,
      model: {
        rows,
        counts: countsOf(all),
        filters: choices(all, query),
        group: all.some(({ groups }) =>
          groups.includes(query.get('group') ?? ''),
        )
          ? query.get('group')
          : '',
        isFiltered: rows.length < all.length,
        all: all.length,
      },
    }
  },
}

export const overviewRoutes: readonly Route[] = [page]
