/** Limits that the sandbox watches, by their names in the options. */
export type Watched =
  | 'callsPer20s'
  | 'concurrency'
  | 'callsPerDay'
  | 'exportBytesPerDay'
  | 'exportsProcessing'
  | 'exportsQueued'

export interface Use {
  /** The highest use in any window, and when it was. */
  highest: number
  at: number | null
  /** Calls that were refused because of it. */
  refused: number
}

/** The highest use of each limit since the sandbox began. */
export class Peaks {
  readonly #uses = new Map<Watched, Use>()

  of(limit: Watched): Use {
    const use = this.#uses.get(limit) ?? { highest: 0, at: null, refused: 0 }
    this.#uses.set(limit, use)
    return use
  }

  note(limit: Watched, used: number, at: number): void {
    const use = this.of(limit)
    if (used <= use.highest) return
    use.highest = used
    use.at = at
  }

  refuse(limit: Watched): void {
    this.of(limit).refused += 1
  }
}
