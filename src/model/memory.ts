/**
 * What is made of the same texts again and again: a run reads its models in
 * five phases, the console at every page. The texts are the whole input, so
 * nothing goes out of date; what is made must never be changed.
 */
export function remembered<Texts extends readonly string[], T>(
  make: (...texts: Texts) => T,
  most = 1000,
): (...texts: Texts) => T {
  const known = new Map<string, { readonly made: T }>()
  return (...texts) => {
    const key = JSON.stringify(texts)
    const found = known.get(key)
    if (found !== undefined) return found.made
    const made = make(...texts)
    if (known.size >= most) known.clear()
    known.set(key, { made })
    return made
  }
}
