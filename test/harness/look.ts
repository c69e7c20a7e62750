/** Shows one schedule line by line: `look.js SEED`. */
import type { Event } from './event.js'
import { trySeed } from './trial.js'

function shown(event: Event): string {
  const { t, type, ...rest } = event
  const at = (t / 1000).toFixed(1).padStart(9)
  const text = JSON.stringify(rest, (_, value: unknown) =>
    value instanceof Map
      ? [...(value as Map<string, unknown>)].map(([key, one]) => [
          key,
          typeof one === 'string' ? one : '…',
        ])
      : value,
  )
  return `${at} ${type.padEnd(7)} ${text.slice(0, 400)}`
}

const { played, verdict } = await trySeed(Number(process.argv[2]))
const { schedule, rows, events } = played
const { lives, edits, diskFault, budget, sameHost, follow } = schedule
const lines = [
  JSON.stringify({ lives, edits, diskFault, budget, sameHost, follow }),
  ...rows.map((row) => JSON.stringify({ ...row, reason: undefined })),
  ...events.map(shown),
  ...verdict.breaches.map((one) => `${one.invariant}: ${one.what}`),
]
process.stdout.write(`${lines.join('\n')}\n`)
