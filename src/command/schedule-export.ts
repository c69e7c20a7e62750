import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { systemClock } from '../clock.js'
import { badInput } from '../error.js'
import type { Exported } from '../schedule/github.js'
import { loadLocal } from './load.js'
import type { CommandContext, Settings } from './output.js'

/** Writes the schedules in the form of another scheduler. */
export async function exportSchedule(
  { names, to, out }: { names: readonly string[]; to: string; out?: string },
  options: Settings,
  context: CommandContext,
): Promise<void> {
  const exported: Exported[] = []
  for (const name of names) {
    const { pipeline } = await loadLocal(name, options, context)
    const variables = await variablesIn(name, options)
    exported.push({ pipeline, variables })
  }
  const text = await textOf(to, exported, options)
  if (out === undefined) {
    context.stdout.write(text)
    return
  }
  const file = resolve(context.cwd, out)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
  context.stdout.write(`${file} is written; commit it.\n`)
}

async function textOf(
  to: string,
  exported: readonly Exported[],
  { projectDir }: Settings,
): Promise<string> {
  if (to === 'github-actions') {
    const { githubWorkflow } = await import('../schedule/github.js')
    return githubWorkflow(exported, new Date(systemClock.now()))
  }
  if (to === 'cron') {
    const { crontab } = await import('../schedule/crontab.js')
    const { programFile } = await import('../run/program-process.js')
    const command = [process.execPath, programFile()]
    return crontab(exported, { projectDir, command })
  }
  throw badInput(
    'export',
    `--export ${to} is not known; write github-actions or cron.`,
  )
}

async function variablesIn(
  name: string,
  { projectDir }: Settings,
): Promise<string[]> {
  const { readDocument } = await import('../pipeline/document.js')
  const { variablesOf } = await import('../pipeline/reference.js')
  const file = join(projectDir, 'pipelines', `${name}.yml`)
  const document = readDocument(await readFile(file, 'utf8'))
  const found = variablesOf(document).map((variable) => variable.name)
  return [...new Set(found)].toSorted()
}
