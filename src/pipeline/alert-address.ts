/** Which addresses a message may go to. Pure, but for what it is told. */
import { BlockList, isIP } from 'node:net'

/**
 * Ranges that no service on the internet has: a request there would reach
 * into the network that the pipeline runs in (IANA special-purpose registry).
 */
const inside = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  inside.addSubnet(network, bits, 'ipv4')
}
for (const [network, bits] of [
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const) {
  inside.addSubnet(network, bits, 'ipv6')
}

/** Whether an IP address is one that only this network knows. */
export function isInside(ip: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1]
  if (mapped !== undefined) return isInside(mapped)
  const family = isIP(ip)
  if (family === 0) return true
  return inside.check(ip, family === 4 ? 'ipv4' : 'ipv6')
}

export function isLoopbackIp(ip: string): boolean {
  return ip === '::1' || /^127(\.\d{1,3}){3}$/.test(ip)
}

const insideNames =
  /(^|\.)(localhost|local|internal|intranet|lan|home|corp|localdomain|home\.arpa)$/

/**
 * Why a message may not be sent to an address, as the end of a sentence, or
 * null. `allowLoopback` is for pipelines whose Marketo is on this machine too.
 */
export function addressFault(
  address: string,
  { allowLoopback }: { allowLoopback: boolean },
): string | null {
  if (!URL.canParse(address)) return notHttps
  const url = new URL(address)
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  const isHere = isLoopbackIp(host) && allowLoopback
  if (url.protocol !== 'https:' && !(isHere && url.protocol === 'http:')) {
    return notHttps
  }
  if (url.username !== '' || url.password !== '') {
    return 'has a user name or password in it; put the secret in the path or another header.'
  }
  if (isHere) return null
  const isPrivate = isIP(host) > 0 ? isInside(host) : isInsideName(host)
  return isPrivate
    ? 'is an address inside a network; only hosts on the internet are sent to.'
    : null
}

const notHttps = 'must be a web address that begins with https.'

function isInsideName(host: string): boolean {
  return !host.includes('.') || insideNames.test(host)
}

/** What is wrong with the address of a mail server, or null. */
export function smtpFault(address: string): string | null {
  const wanted =
    'must be a mail server such as smtps://user:password@mail.acme.example:465.'
  if (!URL.canParse(address)) return wanted
  const { protocol, hostname } = new URL(address)
  const isSmtp = protocol === 'smtp:' || protocol === 'smtps:'
  return isSmtp && hostname !== '' ? null : wanted
}
