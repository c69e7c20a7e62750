/** Lets one piece of work run at a time, in the order of asking. */
export class Turn {
  #tail: Promise<unknown> = Promise.resolve()

  async take<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#after(this.#tail, work)
    this.#tail = mine.catch(() => {})
    return await mine
  }

  async #after<T>(
    before: Promise<unknown>,
    work: () => Promise<T>,
  ): Promise<T> {
    await before
    return await work()
  }
}
