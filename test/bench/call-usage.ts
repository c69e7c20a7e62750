/** How much of the allowed rate a bench used. */
export interface RateUse {
  readonly used: number
  readonly virtualMinutes: number
  /** The time that so many calls need at the allowed rate, of what it took. */
  readonly rateUsed: number
  /** The highest count in any 20 s, by the sandbox. */
  readonly peak: number
  /** Answers 606, 607 and 615, by the sandbox's count. */
  readonly refused: number
}

/** What a sandbox itself counted of the calls it got. */
interface Usage {
  readonly limits: { readonly callsPer20s: { readonly highest: number } }
  /** By day: answers by their code. */
  readonly days: Readonly<
    Record<string, { readonly errors: Readonly<Record<string, number>> }>
  >
}

/** The highest count in any 20 s, and the answers 606, 607 and 615. */
export async function usageOf(
  endpoint: string,
): Promise<{ readonly highest: number; readonly refused: number }> {
  const answer = await fetch(`${endpoint}/sandbox/usage`)
  const { limits, days } = (await answer.json()) as Usage
  const refused = Object.values(days)
    .flatMap(({ errors }) => Object.entries(errors))
    .filter(([code]) => ['606', '607', '615'].includes(code))
    .reduce((sum, [, count]) => sum + count, 0)
  return { highest: limits.callsPer20s.highest, refused }
}
