/** Every place at which a process may die, by name. */
function around(name: string): string[] {
  return [`${name}.before`, `${name}.written`, `${name}.synced`]
}

/** Those that only a plan with an import has. */
export const importPoints: readonly string[] = [
  'import.before',
  'import.in_flight',
  'import.effect',
  'import.answered',
  'import_job.before',
  'import_job.answered',
  'import_notes.answered',
]

/** Those of any plan. */
export const plainPoints: readonly string[] = [
  ...around('journal.begin'),
  ...around('journal.intent'),
  // An outcome is not synced by itself; the next durable line carries it.
  'journal.outcome.before',
  'journal.outcome.written',
  ...around('journal.status'),
  ...around('journal.end'),
  ...around('lease.take'),
  ...around('lease.begun'),
  ...around('lease.renew'),
  ...around('lease.release'),
  ...around('snapshot'),
  ...around('readback'),
  ...['merge', 'update'].flatMap((kind) => [
    `${kind}.before`,
    `${kind}.in_flight`,
    `${kind}.effect`,
    `${kind}.answered`,
  ]),
  'read.before',
  'read.in_flight',
  'read.answered',
  'schema.answered',
  'wait.short',
  'wait.long',
  'disk.open',
  'disk.named',
  'disk.write',
  'disk.replace',
  'disk.replaced',
]

export const crashPoints: readonly string[] = [...plainPoints, ...importPoints]
