/** Long lists in pages; pure. */

/** The page that is asked for, from 0. */
export function pageOf(query: URLSearchParams): number {
  const number = Number(query.get('page') ?? '1')
  return Number.isInteger(number) && number > 1 && number < 1_000_000
    ? number - 1
    : 0
}

export interface Pages {
  readonly isLong: boolean
  readonly here: number
  readonly of: number
  /** Numbers from 1; 0: there is none. */
  readonly before: number
  readonly after: number
}

export function pagesOf(page: number, total: number, size: number): Pages {
  const of = Math.max(1, Math.ceil(total / size))
  const here = page + 1
  return {
    isLong: of > 1,
    here,
    of,
    before: page > 0 ? here - 1 : 0,
    after: here < of ? here + 1 : 0,
  }
}
