/**
 * A console over a temporary project, and what visits it: plain requests that
 * say whatever they like, and a browser.
 */
import { Agent, request as ask } from 'node:http'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { systemClock } from '../../src/clock.js'
import type { Role } from '../../src/console/page.js'
import { type Console, startConsole } from '../../src/console/server.js'

export interface Stage {
  readonly folder: string
  readonly console: Console
  /** Ends the console and starts another on the same port. */
  restart(): Promise<void>
  /** A cookie of a new session. */
  login(role: Role): Promise<string>
  close(): Promise<void>
}

export type Files = Readonly<Record<string, string>>

/** A project folder with these pipelines, by name, and this product's models. */
export function projectFolder(files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), 'pipeline-console-'))
  mkdirSync(join(folder, 'pipelines'))
  cpSync(resolve('models'), join(folder, 'models'), { recursive: true })
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, 'pipelines', `${name}.yml`), text)
  }
  return folder
}

/**
 * Starts a console in this process. Errors that are nobody's doing fail the
 * test that closes it.
 */
export async function startStage(
  files: Files,
  env: Readonly<Record<string, string>> = {},
): Promise<Stage> {
  const folder = projectFolder(files)
  const errors: Error[] = []
  const start = (port: number) =>
    startConsole({
      projectDir: folder,
      env: { PATH: process.env['PATH'] ?? '', ...env },
      host: '127.0.0.1',
      port,
      tls: null,
      proxy: false,
      origin: null,
      clock: systemClock,
      report: (error) => errors.push(error),
    })
  let served = await start(0)
  return {
    folder,
    get console() {
      return served
    },
    async restart() {
      const { port } = served
      await served.close()
      served = await start(port)
    },
    login: (role) => login(served, role),
    async close() {
      await served.close()
      rmSync(folder, { recursive: true, force: true })
      if (errors.length > 0) throw new AggregateError(errors, errors.join('\n'))
    },
  }
}

export function tokenOf(served: Console, role: Role): string {
  return readFileSync(served.tokens[role], 'utf8').trim()
}

async function login(served: Console, role: Role): Promise<string> {
  const answer = await knock(served, '/login', {
    method: 'POST',
    form: { token: tokenOf(served, role), who: 'Test Person', next: '/' },
  })
  const [cookie] = answer.cookies
  if (cookie === undefined) throw new Error(`Login answered ${answer.status}.`)
  return cookie.split(';')[0] ?? ''
}

/** Thousands of requests share a few sockets. */
const agent = new Agent({ keepAlive: true, maxSockets: 4 })

export interface Knocking {
  readonly method?: string
  /** Replaces what a browser on this page would send; null: left out. */
  readonly headers?: Readonly<Record<string, string | null>>
  readonly cookie?: string
  readonly form?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly cookies: readonly string[]
  readonly text: string
}

/** One request with exactly these headers, as no browser would send it. */
export async function knock(
  { port }: Console,
  path: string,
  { method = 'GET', headers = {}, cookie, form, body }: Knocking = {},
): Promise<Answer> {
  const host = `127.0.0.1:${port}`
  const sent: Record<string, string | null> = {
    host,
    ...(method === 'GET' || method === 'HEAD'
      ? {}
      : { origin: `http://${host}`, 'sec-fetch-site': 'same-origin' }),
    ...(cookie !== undefined && { cookie }),
    ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
    ...headers,
  }
  const present = Object.entries(sent).filter(([, value]) => value !== null)
  return await new Promise((done, failed) => {
    const asked = ask(
      {
        host: '127.0.0.1',
        port,
        path,
        method,
        setHost: false,
        headers: Object.fromEntries(present) as Record<string, string>,
        agent,
      },
      (answer) => {
        let text = ''
        answer.setEncoding('utf8')
        const finish = () =>
          done({
            status: answer.statusCode ?? 0,
            headers: answer.headers as Record<string, string>,
            cookies: answer.headers['set-cookie'] ?? [],
            text,
          })
        // A stream has no end; its head is what is asked for here.
        if (answer.headers['content-type'] === 'text/event-stream') {
          finish()
          answer.destroy()
          return
        }
        answer.on('data', (chunk: string) => (text += chunk))
        answer.on('end', finish)
      },
    )
    asked.on('error', failed)
    asked.end(form ? new URLSearchParams(form).toString() : body)
  })
}

/** The token that forms of a page carry. */
export async function csrfOf(served: Console, cookie: string): Promise<string> {
  const { text } = await knock(served, '/', { cookie })
  return /name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? ''
}
