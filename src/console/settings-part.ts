/** The parts of the settings page that are plain keys of the file. */
import { type Input, inputAt, inputsUnder } from './settings-form.js'

export interface Part {
  readonly part: string
  readonly title: string
  readonly text: string
  readonly inputs: readonly Input[]
}

const parts = [
  {
    part: 'about',
    title: 'Description, owner and groups',
    text: 'Groups are labels: commands and the overview take them together.',
    paths: [['description'], ['owner'], ['groups']],
    under: [],
  },
  {
    part: 'schedule',
    title: 'Schedule',
    text: 'Five fields as in cron: minute, hour, day, month, weekday. 0 5 * * 1-5 is at 05:00 from Monday to Friday.',
    paths: [],
    under: [['schedule']],
  },
  {
    part: 'load',
    title: 'Approval and guardrails',
    text: 'A plan beyond a guardrail stops until a person approves it.',
    paths: [['load', 'apply']],
    under: [['load', 'guardrails']],
  },
  {
    part: 'budget',
    title: 'Budget',
    text: 'How much of the Marketo quota this pipeline may use.',
    paths: [],
    under: [['marketo', 'budget']],
  },
  {
    part: 'extract',
    title: 'Export',
    text: 'What the rules need is exported by itself.',
    paths: [],
    under: [['extract']],
  },
] as const

export function partsOf(file: unknown): Part[] {
  return parts.map(({ part, title, text }) => ({
    part,
    title,
    text,
    inputs: partInputs(part, file),
  }))
}

/** None for a part that there is not. */
export function partInputs(name: string, file: unknown): Input[] {
  const found = parts.find(({ part }) => part === name)
  if (found === undefined) return []
  return [
    ...found.paths.flatMap((path) => inputAt(path, file)),
    ...found.under.flatMap((path) => inputsUnder(path, file)),
  ]
}
