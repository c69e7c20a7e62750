import { isJson, type Json } from './envelope.js'
import { endpoints } from './endpoint.js'
import type { Call } from './request.js'
import { optionalCount } from './value.js'

/** Calls of the whole subscription today, or null where Marketo is silent. */
export const usageCall: Call<number | null> = {
  endpoint: endpoints.usage,
  read: ({ result }) => total(result?.[0]),
}

function total(today: Json | undefined): number | null {
  if (!today) return null
  const sum = optionalCount(today.total)
  if (sum !== null) return sum
  const users: unknown[] = Array.isArray(today.users) ? today.users : []
  const counts = users.filter(isJson).map(({ count }) => optionalCount(count))
  return counts.length === 0
    ? null
    : counts.reduce<number>((all, count) => all + (count ?? 0), 0)
}
