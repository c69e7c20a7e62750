import type { Call, Route } from './call.js'
import { centralDay } from './central-time.js'
import { otherUser } from './others.js'
import { result, type Reply } from './reply.js'

/** Central days from today backwards. */
function days(call: Call, count: number): string[] {
  const now = call.service.now()
  const found = new Set<string>()
  // Half-day steps, so that a day of 23 or 25 hours is not missed.
  for (let step = 0; found.size < count; step++) {
    found.add(centralDay(now - step * 43_200_000))
  }
  return [...found]
}

function usageOf(call: Call, date: string): object {
  const { service } = call
  const { world, limitDesk } = service
  const users = { ...world.usage.get(date)?.users }
  const others = limitDesk.otherCalls(date, service.now())
  if (others > 0) users[otherUser] = others
  const counts = Object.entries(users)
  const total = counts.reduce((sum, [, count]) => sum + count, 0)
  return {
    date,
    total,
    users: counts.map(([userId, count]) => ({ userId, count })),
  }
}

function errorsOf(call: Call, date: string): object {
  const counts = Object.entries(
    call.service.world.usage.get(date)?.errors ?? {},
  )
  return {
    date,
    total: counts.reduce((sum, [, count]) => sum + count, 0),
    errors: counts.map(([errorCode, count]) => ({ errorCode, count })),
  }
}

function report(
  path: string,
  count: number,
  of: (call: Call, date: string) => object,
): Route {
  const handler = (call: Call): Reply =>
    result(days(call, count).map((date) => of(call, date)))
  return { method: 'GET', path: `/rest/v1/stats/${path}`, handler }
}

export const usageRoutes: readonly Route[] = [
  report('usage.json', 1, usageOf),
  report('usage/last7days.json', 7, usageOf),
  report('errors.json', 1, errorsOf),
  report('errors/last7days.json', 7, errorsOf),
]
