interface Waiter {
  enter(): void
  readonly signal: AbortSignal | undefined
}

/** Callers waiting in the order in which they came; no one overtakes. */
export class Line {
  readonly #waiting: Waiter[] = []
  readonly #admit: () => boolean

  /** `admit` takes a place and says so, or says that there is none. */
  constructor(admit: () => boolean) {
    this.#admit = admit
  }

  get length(): number {
    return this.#waiting.length
  }

  /** Resolves in turn; rejects with the signal's reason. */
  enter(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
        reject(signal?.reason)
        this.move()
      }
      const enter = () => {
        signal?.removeEventListener('abort', leave)
        resolve()
      }
      const waiter: Waiter = { enter, signal }
      signal?.addEventListener('abort', leave, { once: true })
      this.#waiting.push(waiter)
      this.move()
    })
  }

  /** To be called whenever a place may have become free. */
  move(): boolean {
    const before = this.#waiting.length
    while (this.#waiting.length > 0 && this.#admit()) {
      this.#waiting.shift()?.enter()
    }
    return this.#waiting.length < before
  }
}
