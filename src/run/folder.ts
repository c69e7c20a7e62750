import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

/** Where a pipeline keeps things; absolute paths. */
export interface Folders {
  /** `warehouse/<name>`, private to the user. */
  readonly root: string
  readonly build: string
  /** The database that everyone reads. */
  readonly published: string
  readonly landing: string
  readonly journal: string
  readonly log: string
  readonly plan: string
  readonly target: string
  readonly temp: string
  readonly sandbox: string
}

export function foldersOf(projectDir: string, pipeline: string): Folders {
  const root = join(projectDir, 'warehouse', pipeline)
  return {
    root,
    build: join(root, 'build.duckdb'),
    published: join(projectDir, 'warehouse', `${pipeline}.duckdb`),
    landing: join(root, 'landing'),
    journal: join(root, 'journal'),
    log: join(root, 'log'),
    plan: join(root, 'plan'),
    target: join(root, 'target'),
    temp: join(root, 'temp'),
    sandbox: join(root, 'sandbox'),
  }
}

/** Makes the private folders; what exists stays. */
export function makeFolders(folders: Folders): void {
  const { root, landing, journal, log, plan, target, temp } = folders
  for (const folder of [root, landing, journal, log, plan, target, temp]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  }
}
