/** Letters that are beside each other on the keyboards people type on. */

/** QWERTY, AZERTY and QWERTZ, from the digits down. */
const layouts = [
  ['1234567890-', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm'],
  ['1234567890-', 'azertyuiop', 'qsdfghjklm', 'wxcvbn'],
  ['1234567890-', 'qwertzuiop', 'asdfghjkl', 'yxcvbnm'],
]

/** Pairs of neighbours in both directions, each once, sorted. */
export function keyNeighbours(): (readonly [string, string])[] {
  const found = new Set<string>()
  const add = (a: string | undefined, b: string | undefined) => {
    if (a === undefined || b === undefined) return
    found.add(`${a}${b}`)
    found.add(`${b}${a}`)
  }
  for (const rows of layouts) {
    for (const [index, row] of rows.entries()) {
      const below = rows[index + 1] ?? ''
      for (let at = 0; at < row.length; at += 1) {
        add(row[at], row[at + 1])
        // The row below is shifted to the right by half a key.
        add(row[at], below[at])
        add(row[at], below[at - 1])
      }
    }
  }
  return [...found].toSorted().map((pair) => [pair.charAt(0), pair.charAt(1)])
}
