import { PassThrough } from 'node:stream'
import type { Marketo } from '../../src/marketo/api.js'

/** Bytes of files that came, and those of them that had come before. */
export class Received {
  bytes = 0
  twice = 0
  resumed = 0
  readonly #until = new Map<string, number>()

  watch(marketo: Marketo): Marketo {
    return {
      ...marketo,
      // A spread would keep the numbers of this moment.
      get calls() {
        return marketo.calls
      },
      get callsLeft() {
        return marketo.callsLeft
      },
      downloadExport: async (id, from) => {
        const answer = await marketo.downloadExport(id, from)
        if (answer.from > 0) this.resumed += 1
        const body = new PassThrough()
        let at = answer.from
        body.on('data', (chunk: Buffer) => {
          this.#note(id, at, chunk.length)
          at += chunk.length
        })
        body.pause()
        answer.body.on('error', (error) => body.destroy(error))
        body.on('close', () => answer.body.destroy())
        return { ...answer, body: answer.body.pipe(body) }
      },
    }
  }

  #note(id: string, from: number, length: number): void {
    const until = this.#until.get(id) ?? 0
    this.bytes += length
    this.twice += Math.max(0, Math.min(until, from + length) - from)
    this.#until.set(id, Math.max(until, from + length))
  }
}
