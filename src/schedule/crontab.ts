/** A crontab for cron that knows CRON_TZ (cronie, most Linux). Pure. */
import { join } from 'node:path'
import type { Exported } from './github.js'

export interface CronPlace {
  readonly projectDir: string
  /** Node and the program, absolute. */
  readonly command: readonly string[]
}

export function crontab(
  exported: readonly Exported[],
  { projectDir, command }: CronPlace,
): string {
  const variables = [...new Set(exported.flatMap((one) => one.variables))]
  const names = exported.map(({ pipeline }) => pipeline.name)
  return [
    `# Made by: pipeline schedule ${names.join(' ')} --export cron`,
    '# CRON_TZ counts for the lines below it; a cron without it takes the',
    "# machine's zone. Days of blackout are left out by --scheduled.",
    ...(variables.length === 0
      ? []
      : [
          `# The environment of cron has to hold ${variables.toSorted().join(', ')}.`,
        ]),
    ...exported.flatMap((one) => lines(one, { projectDir, command })),
    '',
  ].join('\n')
}

function lines(
  { pipeline }: Exported,
  { projectDir, command }: CronPlace,
): string[] {
  const { name, schedule } = pipeline
  if (schedule === null) return ['', `# ${name} has no schedule.`]
  const words = [
    ...command,
    '--project-dir',
    projectDir,
    'run',
    name,
    '--scheduled',
  ]
  const output = join(projectDir, 'warehouse', `${name}.cron.log`)
  // A percent sign is a line break to cron.
  const text = `${words.map(quoted).join(' ')} >> ${quoted(output)} 2>&1`
  const line = `${schedule.cron} ${text.replaceAll('%', '\\%')}`
  return [
    '',
    `CRON_TZ=${schedule.timezone}`,
    schedule.paused ? `# paused: ${line}` : line,
  ]
}

function quoted(word: string): string {
  return /^[\w./:=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
