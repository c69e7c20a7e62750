import type { Fault, FaultKind } from './fault.js'
import { codeOf, type Reply } from './reply.js'

type Kind = FaultKind['kind']

const ofRecords: ReadonlySet<Kind> = new Set<Kind>([
  'rows-missing',
  'rows-shuffled',
  'no-result',
])

const ofRanges: ReadonlySet<Kind> = new Set<Kind>([
  'range-ignored',
  'range-short',
  'range-forged',
])

/** Whether a fault could change what the call answers or does. */
export function tookEffect(fault: Fault, reply: Reply): boolean {
  const { kind } = fault
  if (kind === 'error' || kind === 'numeric-codes') {
    return codeOf(reply) === fault.code
  }
  if (ofRecords.has(kind)) {
    return reply.kind === 'json' && Array.isArray(reply.body['result'])
  }
  if (/^(?:job|import)-/.test(kind) || kind === 'empty-page') {
    return codeOf(reply) === null
  }
  if (kind === 'file-cut' || kind === 'file-expired') {
    return fault.bytes < sizeOf(reply)
  }
  if (kind === 'file-short' || kind === 'file-corrupt') return sizeOf(reply) > 0
  if (!ofRanges.has(kind)) return true
  return reply.kind === 'file' && reply.status === 206
}

function sizeOf(reply: Reply): number {
  return reply.kind === 'file' ? reply.to - reply.from : 0
}
