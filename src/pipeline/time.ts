import { didYouMean, quoted } from './problem.js'
import { checked } from './scalar.js'

const dayPattern = /^(\d{4})-(\d{2})-(\d{2})$/

/** A calendar day, `2015-01-01`. */
export const day = checked((value) => {
  const parts = dayPattern.exec(value)
  const date = parts ? new Date(`${value}T00:00:00Z`) : null
  const isReal = date?.toJSON()?.startsWith(value) ?? false
  return isReal
    ? null
    : `must be a day such as 2015-01-01, not ${quoted(value)}.`
}).meta({ pattern: dayPattern.source })

const timePattern = /^([01]\d|2[0-3]):[0-5]\d$/

/** A time of day, `07:00`. */
export const timeOfDay = checked((value) =>
  timePattern.test(value)
    ? null
    : `must be a time of day such as "07:00", not ${quoted(value)}.`,
).meta({ pattern: timePattern.source })

export const timezone = checked((name) => {
  if (isTimezone(name)) return null
  const guess = didYouMean(name, Intl.supportedValuesOf('timeZone'))
  return `${quoted(name)} is not a time zone, such as Europe/Paris or UTC.${guess}`
})

/** An offset such as +02:00 is refused: it knows no daylight saving. */
function isTimezone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name }).format(0)
    return true
  } catch {
    return false
  }
}

interface CronField {
  readonly name: string
  readonly low: number
  readonly high: number
  readonly words: readonly string[]
}

const months = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')
const weekdays = 'sun mon tue wed thu fri sat'.split(' ')

const cronFields: readonly CronField[] = [
  { name: 'minute', low: 0, high: 59, words: [] },
  { name: 'hour', low: 0, high: 23, words: [] },
  { name: 'day', low: 1, high: 31, words: [] },
  { name: 'month', low: 1, high: 12, words: months },
  { name: 'weekday', low: 0, high: 7, words: weekdays },
]

export const cron = checked(checkCron)

/** Says what is wrong with a cron expression of five fields, or null. */
function checkCron(expression: string): string | null {
  const parts = expression.trim().split(/\s+/)
  if (parts.length !== 5) {
    return `must have five fields (minute hour day month weekday), such as "0 5 * * *"; ${quoted(expression)} has ${parts.length}.`
  }
  const wrong = cronFields.find(
    (field, index) => !isCronField(parts[index] ?? '', field),
  )
  if (wrong === undefined) return null
  const { name, low, high } = wrong
  const part = parts[cronFields.indexOf(wrong)] ?? ''
  return `has ${quoted(part)} as its ${name}; the ${name} is ${low} to ${high}, *, a range such as ${low}-${high} or a step such as */${low + 2}.`
}

function isCronField(text: string, field: CronField): boolean {
  return text.split(',').every((item) => {
    const [range = '', step, ...rest] = item.split('/')
    if (rest.length > 0) return false
    if (step !== undefined && !/^[1-9]\d{0,2}$/.test(step)) return false
    if (range === '*') return true
    const ends = range.split('-').map((end) => cronNumber(end, field))
    const [first = Number.NaN, last = first] = ends
    return ends.length <= 2 && first <= last
  })
}

function cronNumber(text: string, field: CronField): number {
  const word = field.words.indexOf(text.toLowerCase())
  if (word >= 0) return word + (field.name === 'month' ? 1 : 0)
  const value = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN
  return value >= field.low && value <= field.high ? value : Number.NaN
}
