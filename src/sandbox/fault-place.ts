import type { Fault, FaultKind } from './fault.js'

/** Calls that a kind of fault can hit; left out: all. */
export const places: Readonly<Record<FaultKind['kind'], Place | null>> = {
  error: null,
  http: null,
  'reset-before': null,
  'reset-after': null,
  'error-after': null,
  'http-after': null,
  late: null,
  slow: null,
  drip: null,
  'truncated-json': null,
  'empty-body': null,
  'no-result': null,
  'empty-errors': null,
  'numeric-codes': null,
  'rows-missing': null,
  'rows-shuffled': null,
  'empty-page': 'activities',
  'file-missing': 'file',
  'file-short': 'file',
  'file-corrupt': 'file',
  'file-cut': 'file',
  'file-expired': 'file',
  'range-ignored': 'range',
  'range-short': 'range',
  'range-forged': 'range',
  'job-failed': 'enqueue',
  'job-stuck': 'enqueue',
  'job-cancelled': 'enqueue',
  'job-vanished': 'enqueue',
  'job-fileless': 'enqueue',
  'job-dirty': 'enqueue',
  'import-failed': 'import',
  'import-stuck': 'import',
  'import-rows-failed': 'import',
  'import-rows-warned': 'import',
  'token-expired': null,
  'token-revoked': null,
  'token-short': 'identity',
}

type Place = 'file' | 'range' | 'enqueue' | 'import' | 'activities' | 'identity'

const paths: Readonly<Record<Place, RegExp>> = {
  file: /^GET \/bulk\/.*\/file\.json$/,
  range: /^GET \/bulk\/.*\/file\.json$/,
  import: /^POST \/bulk\/v1\/leads\.json$/,
  enqueue: /^POST \/bulk\/.*\/enqueue\.json$/,
  activities:
    /^GET \/rest\/v1\/activities(?:\/(?:deletedleads|leadchanges))?\.json$/,
  identity: / \/identity\//,
}

/** A call as far as faults look at it. */
export interface Target {
  readonly method: string
  readonly path: string
  /** Whether a part of a file is asked for. */
  readonly range: boolean
}

export function canHit(
  { kind }: Fault,
  { method, path, range }: Target,
): boolean {
  const place = places[kind]
  if (place === null) return true
  return paths[place].test(`${method} ${path}`) && (place !== 'range' || range)
}
