import type { ExtractEvent } from '../extract/event.js'
import { counted, formatBytes, formatDuration } from '../format.js'

/** Something that goes on at the same time as others of its step. */
export interface Part {
  readonly label: string
  /** null: nobody knows how much there is. */
  readonly total: number | null
  readonly done: number
  readonly text: string
}

export interface Shown {
  readonly done: number
  readonly total: number
  readonly text: string
  readonly parts: readonly Part[]
}

type TaskEvent = Extract<ExtractEvent, { type: 'task' }>

interface Open {
  readonly label: string
  readonly word: string
  readonly bytes: number
  readonly total: number | null
}

const steps = 1000
/** Milliseconds over which a rate is measured. */
const rateSpan = 15_000
/** Less than this share of the work says nothing of the rest of it. */
const leastShare = 0.05
const leastWindows = 2

const words: Readonly<Record<TaskEvent['state'], string>> = {
  planned: 'waits for its turn',
  creating: 'is asked for',
  created: 'waits in the queue',
  queued: 'Marketo exports it',
  ready: 'is fetched',
  landed: '',
}

/**
 * What an extract has done and what is under way, from its events. Whatever
 * it estimates rests on what this run did itself.
 */
export class ExtractProgress {
  readonly #now: () => number
  readonly #open = new Map<string, Open>()
  readonly #arrived: { readonly at: number; readonly bytes: number }[] = []
  #rows = 0
  #bytes = 0
  #done = 0
  #landed = 0
  /** Share and time at the first event: what earlier runs did. */
  #from: { readonly done: number; readonly at: number } | null = null

  /** @param now milliseconds that only grow, in real time */
  constructor(now: () => number) {
    this.#now = now
  }

  /** What to show after the event; null where it changes nothing. */
  take(event: ExtractEvent): Shown | null {
    if (event.type === 'task') this.#task(event)
    else if (event.type === 'download') {
      this.#download(event.key, event.bytes, event.total)
    } else return null
    return this.#shown()
  }

  #task(event: TaskEvent): void {
    const { key, state, rows, bytes, done } = event
    const isNew = state === 'landed' && !event.key.startsWith('census-')
    this.#from ??= {
      done: state === 'landed' ? 0 : done,
      at: this.#now(),
    }
    this.#done = Math.max(this.#done, done)
    if (state === 'landed') {
      this.#open.delete(key)
      this.#landed += 1
      this.#rows += isNew ? (rows ?? 0) : 0
      this.#bytes += bytes ?? 0
      return
    }
    const label = labelOf(event)
    this.#open.set(key, { label, word: words[state], bytes: 0, total: bytes })
  }

  #download(key: string, bytes: number, total: number | null): void {
    const open = this.#open.get(key)
    if (open === undefined) return
    const now = this.#now()
    // A download that began anew has fewer bytes than before.
    const more = Math.max(0, bytes - open.bytes)
    this.#arrived.push({ at: now, bytes: more })
    const isAll = total !== null && bytes >= total
    const word = isAll ? 'is landed' : 'is fetched'
    this.#open.set(key, { ...open, word, bytes, total })
  }

  #shown(): Shown {
    const rate = this.#rate()
    const left = this.#left()
    const parts = [
      counted(this.#rows, 'lead'),
      formatBytes(this.#bytes),
      ...(rate === null ? [] : [`${formatBytes(rate)}/s`]),
      ...(left === null ? [] : [`about ${formatDuration(left)} left`]),
    ]
    return {
      done: Math.floor(this.#done * steps),
      total: steps,
      text: parts.join(' · '),
      parts: [...this.#open.values()].map(partOf),
    }
  }

  /** Bytes a second that arrived lately; null where nothing did. */
  #rate(): number | null {
    const now = this.#now()
    const from = now - rateSpan
    while ((this.#arrived[0]?.at ?? now) < from) this.#arrived.shift()
    const bytes = this.#arrived.reduce((sum, each) => sum + each.bytes, 0)
    const seconds = (now - (this.#arrived[0]?.at ?? now)) / 1000
    return seconds < 1 ? null : bytes / seconds
  }

  /** Seconds; null until enough was done to tell. */
  #left(): number | null {
    if (this.#from === null || this.#landed < leastWindows) return null
    const share = this.#done - this.#from.done
    if (share < leastShare || this.#done >= 1) return null
    const seconds = (this.#now() - this.#from.at) / 1000
    return (seconds / share) * (1 - this.#done)
  }
}

function labelOf({ key, filter, from, to }: TaskEvent): string {
  if (from === null || to === null) return key
  const what = filter === 'updatedAt' ? 'changed' : 'created'
  return `${what} ${from.slice(0, 10)} to ${to.slice(0, 10)}`
}

function partOf({ label, word, bytes, total }: Open): Part {
  const size =
    total === null || total === 0
      ? ''
      : `${formatBytes(bytes)} of ${formatBytes(total)}`
  const text = bytes > 0 && size !== '' ? `${word} · ${size}` : word
  return { label, text, done: bytes, total: bytes > 0 ? total : null }
}
