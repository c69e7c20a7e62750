/** Style and script: the only files that pages load. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Hono } from 'hono'
import type { Bindings } from './door.js'
import { ownFolder } from './template.js'

const types = {
  'style.css': 'text/css; charset=utf-8',
  'script.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml',
} as const

type Name = keyof typeof types

interface Asset {
  readonly text: string
  readonly version: string
}

const loaded = new Map<Name, Asset>()

function asset(name: Name): Asset {
  const known = loaded.get(name)
  if (known !== undefined) return known
  const text = readFileSync(join(ownFolder(), name), 'utf8')
  const version = createHash('sha256').update(text).digest('hex').slice(0, 12)
  const read = { text, version }
  loaded.set(name, read)
  return read
}

/** Changes with the text, so that no browser shows an old one. */
export function assetPath(name: Name): string {
  return `${asset(name).version}-${name}`
}

/** For everybody: the login needs them, and they say nothing. */
export function assetRoutes(app: Hono<Bindings>): void {
  for (const name of ['style.css', 'script.js', 'icon.svg'] as const) {
    const { text } = asset(name)
    app.get(`/asset/${assetPath(name)}`, () => {
      return new Response(text, {
        headers: {
          'content-type': types[name],
          'cache-control': 'max-age=86400, immutable',
        },
      })
    })
  }
}
