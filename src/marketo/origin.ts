import { badInput } from '../error.js'

export interface Origin {
  /** Scheme, host and port, without a slash at the end. */
  readonly url: string
  /** Munchkin id in capitals, or host and port. */
  readonly instance: string
  readonly secure: boolean
}

const munchkin = /^(\d{3}-[a-z0-9]{3}-\d{3})\.mktorest\.com$/i
const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i

/** Reads the endpoint as the admin page shows it, with or without /rest. */
export function parseOrigin(endpoint: string, timeScale: number): Origin {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : null
  if (!url) throw wrong('it is not a URL')
  if (url.username || url.password) throw wrong('it contains a user name')
  if (url.search || url.hash) throw wrong('it has a query')
  if (!/^\/(rest\/?|identity\/?)?$/.test(url.pathname)) {
    throw wrong(`its path ${url.pathname} is not Marketo's`)
  }
  const secure = url.protocol === 'https:'
  if (!secure && !(url.protocol === 'http:' && loopback.test(url.hostname))) {
    throw wrong('it must start with https://')
  }
  const id = munchkin.exec(url.hostname)?.[1]?.toUpperCase()
  if (id && timeScale !== 1) {
    throw wrong(`time_scale ${timeScale} is for a sandbox only`)
  }
  const port = url.port || (secure ? '443' : '80')
  return {
    url: url.origin,
    instance: id ?? `${url.hostname}:${port}`,
    secure,
  }
}

function wrong(why: string) {
  return badInput(
    'endpoint',
    `The Marketo endpoint cannot be used, because ${why}. Copy it from Admin, Web Services, for example https://123-ABC-456.mktorest.com.`,
  )
}
