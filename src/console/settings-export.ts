/** Workflows and crontabs that were exported, kept in step with schedules. */
import { chmod, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from '../durable.js'
import { readDocument } from '../pipeline/document.js'
import { variablesOf } from '../pipeline/reference.js'
import { programFile } from '../run/program-process.js'
import { crontab } from '../schedule/crontab.js'
import { type Exported, githubWorkflow } from '../schedule/github.js'
import type { PageRequest } from './page.js'

/** What `pipeline schedule … --export` writes first. */
const made =
  /^# Made by: pipeline schedule ((?:[\w-]+ )+)--export (github-actions|cron)\r?\n/

/**
 * Writes anew every exported file of the project that names the pipeline.
 * Looked for in the project's folder and in .github/workflows.
 * @returns paths of those that changed, from the project's folder
 */
export async function refreshExports(
  { project, clock }: Pick<PageRequest, 'project' | 'clock'>,
  name: string,
): Promise<string[]> {
  const changed: string[] = []
  for (const path of await candidates(project.dir)) {
    const file = join(project.dir, path)
    const text = await readFile(file, 'utf8')
    const [, names = '', form = ''] = made.exec(text) ?? []
    const all = names.trim().split(' ')
    if (!all.includes(name)) continue
    const exported = await exportedOf(project, all)
    const next =
      form === 'cron'
        ? crontab(exported, {
            projectDir: project.dir,
            command: [process.execPath, programFile()],
          })
        : githubWorkflow(exported, new Date(clock.now()))
    if (exported.length === 0 || next === text) continue
    const { mode } = await stat(file)
    await replaceFile(file, next)
    await chmod(file, mode & 0o777)
    changed.push(path)
  }
  return changed
}

/** Bytes of the largest file that is looked into. */
const largest = 1_000_000

async function candidates(projectDir: string): Promise<string[]> {
  const found: string[] = []
  for (const folder of ['', join('.github', 'workflows')]) {
    const entries = await readdir(join(projectDir, folder), {
      withFileTypes: true,
    }).catch(() => [])
    for (const entry of entries) {
      if (!entry.isFile()) continue
      const path = join(folder, entry.name)
      const { size } = await stat(join(projectDir, path))
      if (size <= largest && /cron|\.ya?ml$/.test(entry.name)) found.push(path)
    }
  }
  return found.toSorted()
}

/** Those of the pipelines that are there and can be read. */
async function exportedOf(
  project: PageRequest['project'],
  names: readonly string[],
): Promise<Exported[]> {
  const files = await Promise.all(
    names.map(async (name) => await project.pipeline(name)),
  )
  const exported: Exported[] = []
  for (const file of files) {
    if (file === null || file.loaded === null) continue
    const found = variablesOf(readDocument(await readFile(file.path, 'utf8')))
    const variables = [...new Set(found.map(({ name }) => name))].toSorted()
    exported.push({ pipeline: file.loaded.pipeline, variables })
  }
  return exported
}
