/** One after another: a published file is opened whole by one at a time. */

const turns = new Map<string, Promise<unknown>>()

export async function inTurn<T>(
  path: string,
  work: () => Promise<T>,
): Promise<T> {
  const turn = (turns.get(path) ?? Promise.resolve()).then(work)
  const settled = turn.catch(() => {})
  turns.set(path, settled)
  try {
    return await turn
  } finally {
    if (turns.get(path) === settled) turns.delete(path)
  }
}
