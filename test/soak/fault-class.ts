import { dirts } from '../../src/sandbox/dirt.js'
import type { Fault, FaultKind, FaultMatch } from '../../src/sandbox/fault.js'
import type { SandboxOptions } from '../../src/sandbox/option.js'
import type { OtherUse } from '../../src/sandbox/others.js'
import type { Random } from '../../src/sandbox/random.js'

/** What a class of faults puts into a schedule. */
export interface Trouble {
  readonly faults?: readonly FaultKind[]
  /** Where its faults strike; left out: wherever the sandbox allows. */
  readonly endpoint?: string
  readonly sandbox?: Partial<SandboxOptions>
  readonly others?: OtherUse
  readonly needsIncrement?: boolean
  /** Its faults strike whenever they can, or they would hardly ever. */
  readonly isSure?: boolean
}

export interface FaultClass {
  /** As the sandbox counts its hits, or as the harness does. */
  readonly name: string
  make(random: Random): Trouble
}

const exports = '/bulk/v1/leads/export'
/** All but the calls for tokens, which know other errors. */
const api = ' /(rest|bulk)/'

/** Of files that have a few hundred. */
function bytes(random: Random): number {
  return 1 + random.below(250)
}

function plain(
  name: FaultKind['kind'],
  make: (random: Random) => FaultKind,
  endpoint?: string,
): FaultClass {
  return {
    name,
    make: (random) => ({
      faults: [make(random)],
      ...(endpoint !== undefined && { endpoint }),
    }),
  }
}

/** Of calls that are so few that chance would spare them. */
function seldom(
  name: FaultKind['kind'],
  make: (random: Random) => FaultKind,
): FaultClass {
  return {
    name,
    make: (random) => ({ faults: [make(random)], isSure: true }),
  }
}

/** A range is asked for only after a cut. */
function ofRange(
  name: FaultKind['kind'],
  make: (random: Random) => FaultKind,
): FaultClass {
  return {
    name,
    make: (random) => ({
      faults: [{ kind: 'file-cut', bytes: bytes(random) }, make(random)],
      isSure: true,
    }),
  }
}

const errorCodes = ['502', '604', '606', '608', '611', '615', '713', '719']
const statuses = [429, 500, 502, 503, 504]

const calls: readonly FaultClass[] = [
  plain('error', (r) => ({ kind: 'error', code: r.pick(errorCodes) }), api),
  plain('http', (r) => ({
    kind: 'http',
    status: r.pick(statuses),
    ...(r.chance(0.3) && { retryAfter: r.below(90) }),
  })),
  plain('reset-before', () => ({ kind: 'reset-before' })),
  plain('reset-after', () => ({ kind: 'reset-after' })),
  plain(
    'error-after',
    (r) => ({
      kind: 'error-after',
      code: r.pick(['604', '608', '611', '719']),
    }),
    api,
  ),
  plain('http-after', (r) => ({
    kind: 'http-after',
    status: r.pick(statuses),
  })),
  plain('late', (r) => ({
    kind: 'late',
    seconds: 1 + r.below(400),
    answer: r.pick(['604', 'reset'] as const),
  })),
  plain('slow', (r) => ({ kind: 'slow', seconds: 1 + r.below(120) })),
  plain('drip', (r) => ({ kind: 'drip', bytesPerSecond: 200 + r.below(2000) })),
  plain('truncated-json', () => ({ kind: 'truncated-json' })),
  plain('empty-body', () => ({ kind: 'empty-body' })),
  plain('no-result', () => ({ kind: 'no-result' })),
  plain('empty-errors', () => ({ kind: 'empty-errors' })),
  plain(
    'numeric-codes',
    (r) => ({
      kind: 'numeric-codes',
      code: r.pick(errorCodes),
    }),
    api,
  ),
  plain('rows-missing', () => ({ kind: 'rows-missing' }), exports),
  plain('rows-shuffled', () => ({ kind: 'rows-shuffled' })),
  {
    name: 'empty-page',
    make: () => ({
      faults: [{ kind: 'empty-page' }],
      needsIncrement: true,
      isSure: true,
    }),
  },
  plain('token-expired', () => ({ kind: 'token-expired' })),
  plain('token-revoked', () => ({ kind: 'token-revoked' })),
  seldom('token-short', (r) => ({ kind: 'token-short', seconds: r.below(90) })),
]

const files: readonly FaultClass[] = [
  plain('file-missing', () => ({ kind: 'file-missing' })),
  plain('file-short', (r) => ({ kind: 'file-short', bytes: bytes(r) })),
  plain('file-corrupt', () => ({ kind: 'file-corrupt' })),
  plain('file-cut', (r) => ({ kind: 'file-cut', bytes: bytes(r) })),
  plain('file-expired', (r) => ({ kind: 'file-expired', bytes: bytes(r) })),
  ofRange('range-ignored', () => ({ kind: 'range-ignored' })),
  ofRange('range-short', () => ({ kind: 'range-short' })),
  ofRange('range-forged', (r) =>
    r.chance(0.5)
      ? { kind: 'range-forged', start: r.below(50) }
      : { kind: 'range-forged', total: r.below(5000) },
  ),
]

const jobs: readonly FaultClass[] = [
  seldom('job-failed', () => ({ kind: 'job-failed', message: 'Injected' })),
  seldom('job-stuck', (r) => ({
    kind: 'job-stuck',
    state: r.pick(['Queued', 'Processing'] as const),
    ...(r.chance(0.7) && { seconds: 60 + r.below(40_000) }),
  })),
  seldom('job-cancelled', () => ({ kind: 'job-cancelled' })),
  seldom('job-vanished', () => ({ kind: 'job-vanished' })),
  seldom('job-fileless', () => ({ kind: 'job-fileless' })),
  ...dirts.map((dirt) => ({
    name: `job-dirty ${dirt}`,
    make: (r: Random): Trouble => ({
      faults: [{ kind: 'job-dirty', dirt }],
      isSure: r.chance(0.7),
    }),
  })),
]

/** Of the subscription and of others; the harness sees what came of them. */
const worlds: readonly FaultClass[] = [
  {
    name: 'updatedAt refused (1035)',
    make: () => ({
      sandbox: { behaviour: { updatedAtFilter: false } },
      needsIncrement: true,
    }),
  },
  {
    name: 'queue filled by others',
    make: (r) => ({
      others: {
        jobs: Array.from({ length: 12 + r.below(12) }, () => ({
          seconds: 60 + r.below(600),
          bytes: 1000,
        })),
      },
    }),
  },
  {
    name: 'calls of others',
    make: () => ({
      others: {
        levels: [
          { callsPer20s: 100, concurrency: 10 },
          { after: 120, callsPer20s: 40, concurrency: 2 },
          // Or they would use up every day.
          { after: 3600 },
        ],
      },
    }),
  },
  {
    name: 'export quota used up',
    make: (r) => ({
      sandbox: { limits: { exportBytesPerDay: 900 + r.below(1500) } },
    }),
  },
  {
    name: 'daily calls used up (607)',
    make: () => ({ others: { levels: [{ calls: 50_000 }] } }),
  },
  {
    name: 'clock skew',
    make: (r) => ({ sandbox: { skew: r.between(-90_000, 90_000) } }),
  },
]

export const faultClasses: readonly FaultClass[] = [
  ...calls,
  ...files,
  ...jobs,
  ...worlds,
]

export function armed(kind: FaultKind, match: FaultMatch): Fault {
  return { ...kind, match }
}
