import { type Readable, Transform } from 'node:stream'
import type { Clock } from '../clock.js'
import { WireError } from './wire.js'

export interface Guard {
  readonly clock: Clock
  readonly timeScale: number
  /** Bytes that must arrive, or null where the server did not say. */
  readonly expected: number | null
  /** Longest silence of the server, in the clock's milliseconds. */
  readonly idle: number
  /** Longest duration of the whole, in the clock's milliseconds. */
  readonly total: number
  /** The error for the reader; `why` is a word without any value. */
  broken(why: string): Error
  /** Called once, when the stream is over in any way. */
  closed(): void
}

/**
 * A stream that ends well only if it is whole: silence, crawling, a cut
 * connection and a wrong length become an error that holds no request.
 */
export function guarded(source: Readable, guard: Guard): Readable {
  const { clock, expected } = guard
  const begun = clock.monotonic()
  let heard = begun
  let received = 0
  const body = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      heard = clock.monotonic()
      received += chunk.length
      done(null, chunk)
    },
    flush(done) {
      const isWhole = expected === null || received === expected
      done(isWhole ? null : guard.broken('cut short'))
    },
  })
  const watch = () => {
    const now = clock.monotonic()
    // A reader that takes its time is not the server's silence.
    if (body.writableNeedDrain) heard = now
    if (now - heard > guard.idle) body.destroy(guard.broken('stalled'))
    else if (now - begun > guard.total) body.destroy(guard.broken('too slow'))
  }
  const timer = setInterval(watch, guard.idle / guard.timeScale / 4)
  body.on('error', () => {
    // The reader sees it too; this keeps an unread stream from ending us.
  })
  body.once('close', () => {
    clearInterval(timer)
    source.destroy()
    guard.closed()
  })
  connect(source, body, guard)
  return body
}

function connect(source: Readable, body: Transform, guard: Guard): void {
  const cut = (error?: Error) => {
    if (source.readableEnded && !error) return
    body.destroy(
      guard.broken(error instanceof WireError ? error.system : 'cut short'),
    )
  }
  source.once('error', cut)
  source.once('close', () => cut())
  if (source.errored) cut(source.errored)
  else source.pipe(body)
}
