import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { planFolder } from './place.js'
import { planHeader } from './plan-file.js'

/** Path of the plan that was made last, or null. */
export async function latestPlan(folder: string): Promise<string | null> {
  const names = await readdir(planFolder(folder)).catch(() => [])
  const plans = names.filter((name) => /^[0-9a-f]{12}\.jsonl$/.test(name))
  const dated = await Promise.all(
    plans.map(async (name) => {
      const path = join(planFolder(folder), name)
      return { path, at: (await stat(path)).mtimeMs }
    }),
  )
  for (const { path } of dated.toSorted((a, b) => b.at - a.at)) {
    // A restore was asked for by itself, and is applied by its name only.
    const header = await planHeader(path)
    if (header?.creates === undefined) return path
  }
  return null
}
