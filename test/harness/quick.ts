import { trySeed } from './trial.js'
const [from, to] = [Number(process.argv[2]), Number(process.argv[3])]
const started = performance.now()
let bad = 0
const kinds = new Map<string, number[]>()
const st = new Map<string, number>()
for (let seed = from; seed <= to; seed += 1) {
  const t0 = performance.now()
  if (process.env['V']) process.stderr.write(seed + ' ')
  const { verdict } = await trySeed(seed)
  const dt = performance.now() - t0
  if (dt > 300)
    process.stderr.write('slow ' + seed + ' ' + Math.round(dt) + '\n')
  for (const [k, v] of verdict.statuses) st.set(k, (st.get(k) ?? 0) + v)
  if (verdict.breaches.length > 0) {
    bad += 1
    for (const b of verdict.breaches) {
      const key = `${b.invariant} ${b.what.replace(/\d+/g, 'N').slice(0, 100)}`
      const l = kinds.get(key) ?? []
      if (l.at(-1) !== seed) l.push(seed)
      kinds.set(key, l)
    }
  }
}
for (const [k, l] of [...kinds].toSorted((a, b) => b[1].length - a[1].length))
  process.stdout.write(`${l.length} ${k} ${l.slice(0, 6).join()}\n`)
process.stdout.write(
  `${bad} bad of ${to - from + 1}, ${Math.round(performance.now() - started)} ms ${JSON.stringify([...st])}\n`,
)
