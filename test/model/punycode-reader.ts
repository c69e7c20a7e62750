/** RFC 3492 by hand, for labels in lower case; for tests only. */

function adapt(delta: number, points: number, isFirst: boolean): number {
  let left = Math.floor(delta / (isFirst ? 700 : 2))
  left += Math.floor(left / points)
  let k = 0
  while (left > 455) {
    left = Math.floor(left / 35)
    k += 36
  }
  return k + Math.floor((36 * left) / (left + 38))
}

function digit(value: number): string {
  return String.fromCharCode(value < 26 ? value + 97 : value + 22)
}

/** One label; ASCII ones stay as they are. */
export function toASCII(label: string): string {
  const points = Array.from(
    label.normalize('NFC'),
    (c) => c.codePointAt(0) ?? 0,
  )
  const basic = points.filter((point) => point < 128)
  if (basic.length === points.length) return label
  let output = String.fromCharCode(...basic) + (basic.length > 0 ? '-' : '')
  let n = 128
  let delta = 0
  let bias = 72
  let handled = basic.length
  while (handled < points.length) {
    const next = Math.min(...points.filter((point) => point >= n))
    delta += (next - n) * (handled + 1)
    n = next
    for (const point of points) {
      if (point < n) delta += 1
      if (point !== n) continue
      let q = delta
      for (let k = 36; ; k += 36) {
        const t = k <= bias ? 1 : Math.min(26, k - bias)
        if (q < t) break
        output += digit(t + ((q - t) % (36 - t)))
        q = Math.floor((q - t) / (36 - t))
      }
      output += digit(q)
      bias = adapt(delta, handled + 1, handled === basic.length)
      delta = 0
      handled += 1
    }
    delta += 1
    n += 1
  }
  return `xn--${output}`
}
