/** Which names the console answers to. */
import { badInput } from '../error.js'
import type { Address } from './guard.js'

export interface Place {
  readonly host: string
  readonly port: number
  readonly isSecure: boolean
  /** As a person declared it. */
  readonly origin: string | null
}

const loopback = ['127.0.0.1', '::1', 'localhost']

export function isLoopback(host: string): boolean {
  return loopback.includes(host)
}

/** The first origin is the one to show. */
export function addressOf(place: Place): Address {
  const { host, port, isSecure, origin } = place
  if (origin !== null) {
    const url = parsed(origin)
    return { hosts: [url.host], origins: [url.origin] }
  }
  if (!isLoopback(host) && /^(0\.0\.0\.0|::)$/.test(host)) {
    throw badInput(
      'console_origin',
      `On ${host} the console has no name of its own: give --origin https://NAME:PORT as browsers will write it.`,
    )
  }
  const names = isLoopback(host) ? [written(host), ...alias(host)] : [host]
  const scheme = isSecure ? 'https' : 'http'
  const urls = names.map((name) => new URL(`${scheme}://${name}:${port}`))
  return {
    hosts: urls.map((url) => url.host),
    origins: urls.map((url) => url.origin),
  }
}

/** Nothing but this machine's own names. */
function alias(host: string): string[] {
  return host === 'localhost' ? ['127.0.0.1'] : ['localhost']
}

function written(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

function parsed(origin: string): URL {
  const url = URL.canParse(origin) ? new URL(origin) : null
  const isPlain = url !== null && url.origin === origin.replace(/\/$/, '')
  if (url !== null && isPlain && /^https?:$/.test(url.protocol)) return url
  throw badInput(
    'console_origin',
    `--origin ${origin} is no origin; write scheme, name and port only, such as https://console.example.`,
  )
}
