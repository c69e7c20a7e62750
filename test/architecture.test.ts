import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const source = resolve('src')

/** What each folder may import; arrows point down. */
const allowed: Record<string, readonly string[]> = {
  command: [
    'console',
    'report',
    'schedule',
    'alert',
    'run',
    'match',
    'extract',
    'model',
    'load',
    'marketo',
    'warehouse',
    'pipeline',
    'sandbox',
  ],
  console: [
    'report',
    'schedule',
    'run',
    'load',
    'marketo',
    'pipeline',
    'warehouse',
  ],
  report: ['run', 'pipeline', 'warehouse'],
  schedule: ['run', 'pipeline'],
  alert: ['run', 'pipeline'],
  run: [
    'match',
    'extract',
    'model',
    'load',
    'marketo',
    'warehouse',
    'pipeline',
    'sandbox',
  ],
  extract: ['marketo', 'warehouse', 'pipeline'],
  model: ['match', 'warehouse', 'pipeline'],
  load: ['match', 'marketo', 'warehouse', 'pipeline'],
  match: [],
  pipeline: [],
  marketo: [],
  warehouse: [],
  sandbox: [],
}

/** Files at the top of src that any folder may import. */
const shared = ['error', 'clock', 'durable', 'format', 'log']

/** The one home, or homes, of each library. */
const home: Record<string, readonly string[]> = {
  '@duckdb/node-api': ['warehouse'],
  '@hono/node-server': ['console'],
  '@faker-js/faker': ['sandbox'],
  commander: ['command', 'program'],
  croner: ['schedule', 'pipeline'],
  'disposable-email-domains-js': ['model'],
  'email-providers': ['model'],
  'fast-csv': ['sandbox', 'load'],
  'fastest-levenshtein': ['pipeline'],
  got: ['marketo', 'alert'],
  handlebars: ['model', 'console', 'report'],
  hono: ['console'],
  kysely: ['run', 'warehouse'],
  'libphonenumber-js': ['model'],
  'lossless-json': ['marketo'],
  nodemailer: ['alert'],
  pino: ['log'],
  'role-based-email-addresses': ['model'],
  tldts: ['model'],
  vega: ['report'],
  'vega-lite': ['report'],
  yaml: ['pipeline', 'model'],
  zod: ['pipeline', 'model'],
}

interface Import {
  readonly file: string
  readonly from: string
  readonly target: string
}

function files(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) return files(path)
    return path.endsWith('.ts') ? [path] : []
  })
}

/** The part of a path under src that owns it: a folder, or a top file. */
function place(path: string): string {
  return (
    relative(source, path)
      .split(/[\\/]/)[0]
      ?.replace(/\.[jt]s$/, '') ?? ''
  )
}

function imports(): Import[] {
  return files(source).flatMap((file) => {
    const text = readFileSync(file, 'utf8')
    const found = text.matchAll(
      /(?:from\s+|import\s*\(\s*|import\s+)'([^']+)'/g,
    )
    return [...found].map((match) => ({
      file: relative(source, file),
      from: place(file),
      target: match[1] ?? '',
    }))
  })
}

function packageOf(target: string): string {
  const parts = target.split('/')
  return parts.slice(0, target.startsWith('@') ? 2 : 1).join('/')
}

describe('the structure of src', () => {
  it('has only the folders of the design', () => {
    const folders = readdirSync(source).filter((name) =>
      statSync(join(source, name)).isDirectory(),
    )
    expect(folders.filter((name) => !(name in allowed))).toEqual([])
    expect(
      folders.filter((name) => /^(util|helper|common|core|manager)/.test(name)),
    ).toEqual([])
  })

  it('points every arrow down', () => {
    const wrong = imports().filter(({ file, from, target }) => {
      if (!target.startsWith('.')) return false
      const to = place(resolve(source, dirname(file), target))
      if (to === from || shared.includes(to)) return false
      if (!(from in allowed)) return false
      return !allowed[from]?.includes(to)
    })
    expect(wrong).toEqual([])
  })

  it('keeps each library in its home', () => {
    const wrong = imports().filter(({ from, target }) => {
      if (target.startsWith('.') || target.startsWith('node:')) return false
      return !(home[packageOf(target)] ?? []).includes(from)
    })
    expect(wrong).toEqual([])
  })

  it('reads the environment in config.ts only', () => {
    const readers = files(source)
      .filter((file) => /process\.env/.test(readFileSync(file, 'utf8')))
      .map((file) => relative(source, file))
    expect(readers.filter((file) => file !== 'config.ts')).toEqual([])
  })

  it('keeps files readable', () => {
    const long = files(source)
      .map((file) => [
        relative(source, file),
        readFileSync(file, 'utf8').split('\n').length,
      ])
      .filter(([, lines]) => Number(lines) > 300)
    expect(long).toEqual([])
  })
})
