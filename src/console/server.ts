/** The console as a process: address, tokens, sockets. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { createAdaptorServer, type ServerType } from '@hono/node-server'
import type { Clock } from '../clock.js'
import { badInput } from '../error.js'
import type { Environment } from '../pipeline/reference.js'
import { addressOf, isLoopback } from './address.js'
import { createApp } from './app.js'
import { Door } from './door.js'
import { Project } from './project.js'
import { routes } from './routes.js'
import { readTokens, tokenFile } from './token.js'

export interface ConsoleOptions {
  /** Absolute path of the folder with pipelines/. */
  readonly projectDir: string
  readonly env: Environment
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** PEM files; null: no TLS here. */
  readonly tls: { readonly key: string; readonly cert: string } | null
  /** A proxy with TLS stands before it. */
  readonly proxy: boolean
  /** `https://console.example`: where browsers find it, if not at its host. */
  readonly origin: string | null
  readonly clock: Clock
  readonly report: (error: Error) => void
}

export interface Console {
  readonly url: string
  readonly port: number
  /** Files that hold the tokens. */
  readonly tokens: { readonly viewer: string; readonly operator: string }
  close(): Promise<void>
}

/**
 * Serves until it is closed. Throws PipelineError `console_host` (exit 3)
 * where others could reach it without TLS, `console_port` where the port is
 * taken.
 */
export async function startConsole(options: ConsoleOptions): Promise<Console> {
  const { projectDir, env, host, tls, proxy, clock, report } = options
  refuseOpen(options)
  const tokens = await readTokens(projectDir)
  const project = new Project(projectDir, env, clock)
  let handle: ((request: Request, env: object) => unknown) | null = null
  const server = createAdaptorServer({
    fetch: (request, bindings) =>
      handle?.(request, bindings) ?? new Response(null, { status: 503 }),
    ...(tls === null
      ? { createServer, serverOptions: limits }
      : { createServer: createSecureServer, serverOptions: secure(tls) }),
  })
  const port = await listen(server, host, options.port)
  const address = addressOf({
    host,
    port,
    isSecure: tls !== null,
    origin: options.origin,
  })
  const isSecure = tls !== null || proxy
  const door = new Door({
    project,
    tokens,
    address,
    isSecure,
    clock,
    routes,
    report,
  })
  const app = createApp(door, routes)
  handle = (request, bindings) => app.fetch(request, bindings)
  return {
    url: `${address.origins[0] ?? ''}/`,
    port,
    tokens: {
      viewer: tokenFile(projectDir, 'viewer'),
      operator: tokenFile(projectDir, 'operator'),
    },
    async close() {
      await closed(server)
      await project.close()
    },
  }
}

/** Slow or silent clients are let go. */
const limits = {
  requestTimeout: 30_000,
  headersTimeout: 10_000,
  maxHeaderSize: 16_384,
  connectionsCheckingInterval: 5_000,
}

function secure({ key, cert }: { key: string; cert: string }) {
  return { ...limits, key: pem(key), cert: pem(cert) }
}

function pem(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw badInput(
      'console_tls',
      `The TLS file ${file} cannot be read; give the paths of a key and a certificate in PEM.`,
      { cause: String(error) },
    )
  }
}

function refuseOpen({ host, tls, proxy, origin }: ConsoleOptions): void {
  if (isLoopback(host) && !proxy) return
  if (tls === null && !proxy) {
    throw badInput(
      'console_host',
      `The console does not listen on ${host} without TLS, because tokens and lead values would be readable on the way. Give --tls-key and --tls-cert, or --proxy with --origin where a proxy with TLS stands before it, or leave out --host.`,
    )
  }
  if (proxy && !(origin ?? '').startsWith('https://')) {
    throw badInput(
      'console_origin',
      'Behind a proxy the console has to know where browsers find it: give --origin https://NAME.',
    )
  }
}

async function listen(
  server: ServerType,
  host: string,
  port: number,
): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE' || error.code === 'EACCES'
          ? badInput(
              'console_port',
              `The port ${port} of ${host} is taken or not allowed (${error.code}); give another with --port, or 0 for a free one.`,
            )
          : error,
      )
    })
    server.listen(port, host, () => resolve())
  })
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : port
}

async function closed(server: ServerType): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    if ('closeAllConnections' in server) server.closeAllConnections()
  })
}
