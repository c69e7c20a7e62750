import type { ServerResponse } from 'node:http'
import type { Fault } from './fault.js'
import type { Reply } from './reply.js'
import type { Service } from './service.js'

type FileReply = Extract<Reply, { kind: 'file' }>

interface Part {
  readonly status: number
  readonly from: number
  readonly to: number
  /** What Content-Range tells of the start and of the whole. */
  readonly start: number
  readonly total: number
}

/** Which bytes of a file go out, and what the headers claim. */
function partOf(reply: FileReply, fault: Fault | null): Part {
  const { status, from, to, total } = reply
  const whole = { status, from, to, start: from, total }
  if (fault === null) return whole
  const { kind } = fault
  if (kind === 'range-ignored') {
    return { status: 200, from: 0, to: total, start: 0, total }
  }
  if (kind === 'range-short' && status === 206) {
    return { ...whole, to: Math.max(from, to - 1) }
  }
  if (kind === 'range-forged') {
    return { ...whole, start: fault.start ?? from, total: fault.total ?? total }
  }
  if (kind !== 'file-short') return whole
  const end = Math.max(0, total - (fault.bytes ?? 1))
  return { ...whole, to: Math.max(from, Math.min(to, end)), total: end }
}

const chunkSize = 262_144

export async function sendFile(
  service: Service,
  response: ServerResponse,
  reply: FileReply,
  fault: Fault | null,
): Promise<void> {
  const part = partOf(reply, fault)
  const { status, from, to, start, total } = part
  response.setHeader('Content-Type', reply.type)
  response.setHeader('Accept-Ranges', 'bytes')
  response.setHeader('Content-Length', to - from)
  if (status === 206) {
    const range = `bytes ${start}-${start + to - from - 1}/${total}`
    response.setHeader('Content-Range', range)
  }
  response.writeHead(status)
  const cuts = fault?.kind === 'file-cut' || fault?.kind === 'file-expired'
  const cut = cuts ? from + fault.bytes : to
  let at = from
  while (at < Math.min(to, cut)) {
    const end = Math.min(at + chunkSize, to, cut)
    const bytes = Buffer.from(reply.read(at, end))
    if (fault?.kind === 'file-corrupt') spoil(bytes, at, part)
    if (fault?.kind === 'drip') {
      await drip(service, response, bytes, fault.bytesPerSecond)
    } else if (!(await write(response, bytes))) return
    at = end
  }
  if (fault?.kind === 'file-expired') service.tokens.expireAll(service.now())
  if (cut < to) response.destroy()
  else response.end()
}

/** The byte in the middle becomes another. */
function spoil(bytes: Buffer, at: number, { from, to }: Part): void {
  const middle = Math.floor((from + to) / 2) - at
  if (middle < 0 || middle >= bytes.length) return
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle)
}

/** As many bytes as come in a second, then the next. */
export async function drip(
  service: Service,
  response: ServerResponse,
  bytes: Buffer,
  bytesPerSecond: number,
): Promise<void> {
  const step = Math.max(1, Math.floor(bytesPerSecond))
  for (let at = 0; at < bytes.length; at += step) {
    if (!(await write(response, bytes.subarray(at, at + step)))) return
    await service.sleep(1000)
  }
}

/** Writes with back-pressure; false when the reader is gone. */
async function write(
  response: ServerResponse,
  bytes: Buffer,
): Promise<boolean> {
  if (response.destroyed) return false
  // Until the bytes have left, so that a cut comes after them.
  return await new Promise<boolean>((resolve) => {
    response.write(bytes, (error) => resolve(!error))
  })
}
