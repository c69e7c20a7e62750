import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { SandboxOptions } from '../../src/sandbox/option.js'
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js'
import { ManualClock } from './manual-clock.js'

export interface ResultRecord {
  readonly [member: string]: unknown
  readonly reasons?: readonly { readonly code: string }[]
  readonly fields?: readonly Readonly<Record<string, unknown>>[]
}

export interface StateLead {
  readonly [field: string]: unknown
  readonly id: string
}

export interface Answer {
  readonly success?: boolean
  readonly result?: ResultRecord[]
  readonly errors?: { code: string; message: string }[]
  readonly nextPageToken?: string
  readonly moreResult?: boolean
  readonly requestId?: string
  readonly warnings?: unknown[]
  readonly access_token?: string
  readonly expires_in?: number
  readonly scope?: string
  /** Of the sandbox's own endpoints. */
  readonly writes?: Record<string, unknown>[]
  readonly days?: Record<string, Day>
}

export interface Day {
  readonly users: Record<string, number>
  readonly errors: Record<string, number>
}

function isAnswer(body: unknown): body is Answer {
  return typeof body === 'object' && body !== null
}

function isState(body: unknown): body is State {
  return isAnswer(body) && 'leads' in body
}

export async function answerOf(response: Response): Promise<Answer> {
  const body: unknown = await response.json()
  if (isAnswer(body)) return body
  throw new TypeError('The answer is no object')
}

export interface State {
  readonly now: string
  readonly leads: StateLead[]
  readonly gone: { id: string; into: string | null }[]
  readonly lists: { id: number; name: string; members: string[] }[]
  readonly merges: { survivor: string; losers: string[]; at: number }[]
  readonly programs: {
    id: number
    members: { id: string; status: string }[]
  }[]
  readonly jobs: { exportId: string }[]
}

/** A sandbox and somebody with a token who calls it. */
export class Caller {
  readonly sandbox: Sandbox
  #token: string | null = null

  constructor(sandbox: Sandbox) {
    this.sandbox = sandbox
  }

  identity(parameters: Record<string, string> = {}): Promise<Response> {
    const query = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: this.sandbox.clientId,
      client_secret: this.sandbox.clientSecret,
      ...parameters,
    })
    return fetch(
      `${this.sandbox.endpoint}/identity/oauth/token?${query.toString()}`,
    )
  }

  async token(): Promise<string> {
    if (this.#token !== null) return this.#token
    const { access_token: token = '' } = await answerOf(await this.identity())
    this.#token = token
    return token
  }

  forgetToken(): void {
    this.#token = null
  }

  async raw(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const json = { 'content-type': 'application/json' }
    return await fetch(this.sandbox.endpoint + path, {
      method,
      headers: {
        authorization: `Bearer ${await this.token()}`,
        ...(body === undefined ? {} : json),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
  }

  async get(path: string): Promise<Answer> {
    return await answerOf(await this.raw('GET', path))
  }

  async post(path: string, body?: unknown): Promise<Answer> {
    return await answerOf(await this.raw('POST', path, body))
  }

  async state(): Promise<State> {
    const response = await fetch(`${this.sandbox.endpoint}/sandbox/state`)
    const body: unknown = await response.json()
    if (isState(body)) return body
    throw new TypeError('The answer is no state')
  }

  async writes(): Promise<Record<string, unknown>[]> {
    const response = await fetch(`${this.sandbox.endpoint}/sandbox/log`)
    return (await answerOf(response)).writes ?? []
  }

  async faults(faults: readonly object[]): Promise<number> {
    const url = `${this.sandbox.endpoint}/sandbox/faults`
    const body = JSON.stringify(faults)
    return (await fetch(url, { method: 'POST', body })).status
  }

  /** Create, enqueue; returns the job's id. */
  async export(request: object): Promise<string> {
    const created = await this.post(
      '/bulk/v1/leads/export/create.json',
      request,
    )
    const id = String(created.result?.[0]?.['exportId'])
    await this.post(`/bulk/v1/leads/export/${id}/enqueue.json`)
    return id
  }

  file(id: string, range?: string): Promise<Response> {
    const headers = range === undefined ? {} : { range }
    const path = `/bulk/v1/leads/export/${id}/file.json`
    return this.raw('GET', path, undefined, headers)
  }
}

const startTime = '2026-11-20T15:00:00Z'

export function folder(): string {
  return mkdtempSync(join(tmpdir(), 'sandbox-'))
}

/** A CSV of leads in a new folder. */
export function leadFile(csv: string): string {
  const path = join(folder(), 'leads.csv')
  writeFileSync(path, csv)
  return path
}

/** Quick and still, unless a test says otherwise. */
export async function visit(
  options: Partial<SandboxOptions> = {},
): Promise<{ caller: Caller; clock: ManualClock }> {
  const clock = new ManualClock(startTime)
  const sandbox = await startSandbox({
    leads: { kind: 'generated', count: 200, seed: 1 },
    clock,
    ...options,
    timing: { mergeLatency: [0, 0], ...options.timing },
    behaviour: { nullFields: 'present', ...options.behaviour },
  })
  onTestFinished(() => sandbox.close())
  return { caller: new Caller(sandbox), clock }
}

/** As `visit`, with the leads of a CSV text. */
export function visitFile(
  csv: string,
  options: Partial<SandboxOptions> = {},
): Promise<{ caller: Caller; clock: ManualClock }> {
  return visit({ leads: { kind: 'file', path: leadFile(csv) }, ...options })
}

export function codeOf(answer: Answer): string | undefined {
  return answer.errors?.[0]?.code
}
