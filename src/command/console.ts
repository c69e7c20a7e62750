import { InvalidArgumentError, type Command } from 'commander'
import { badInput } from '../error.js'
import { systemClock } from '../clock.js'
import { type CommandContext, settings } from './output.js'

interface ConsoleFlags {
  readonly port: number
  readonly host: string
  readonly tlsKey?: string
  readonly tlsCert?: string
  readonly proxy?: boolean
  readonly origin?: string
}

/** `pipeline console`: the web console until it is told to stop. */
export function registerConsole(
  program: Command,
  context: CommandContext,
): void {
  program
    .command('console')
    .description('serve the web console on this machine')
    .option('--port <n>', 'port; 0 takes a free one', portOf, 4180)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--tls-key <file>', 'private key in PEM; with --tls-cert')
    .option('--tls-cert <file>', 'certificate in PEM; with --tls-key')
    .option('--proxy', 'a proxy with TLS stands before it; needs --origin')
    .option('--origin <url>', 'where browsers find it: https://NAME')
    .action(async (flags: ConsoleFlags, command: Command) => {
      await serve(flags, command, context)
    })
}

function portOf(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new InvalidArgumentError('Give a whole number, 0 to 65535.')
}

async function serve(
  flags: ConsoleFlags,
  command: Command,
  context: CommandContext,
): Promise<void> {
  const { projectDir, json } = settings(command, context)
  const { startConsole } = await import('../console/server.js')
  const served = await startConsole({
    projectDir,
    env: context.processEnv ?? context.env,
    host: flags.host,
    port: flags.port,
    tls: tlsOf(flags),
    proxy: flags.proxy === true,
    origin: flags.origin ?? null,
    clock: systemClock,
    report: (error) => context.stderr.write(`${error.stack ?? error}\n`),
  })
  // Listened for before the line that tells others they may signal.
  const stopped = new Promise<void>((resolve) => {
    process.once('SIGTERM', () => resolve())
    process.once('SIGINT', () => resolve())
  })
  const { url, tokens } = served
  context.stdout.write(
    json
      ? `${JSON.stringify({ url, tokens })}\n`
      : `The console is at ${url}\n  log in with the token in  ${tokens.operator}\n  to look only              ${tokens.viewer}\n  Runs go on when it ends.  Ctrl+C ends it.\n`,
  )
  await stopped
  await served.close()
}

function tlsOf({ tlsKey: key, tlsCert: cert }: ConsoleFlags) {
  if (key === undefined && cert === undefined) return null
  if (key !== undefined && cert !== undefined) return { key, cert }
  throw badInput('console_tls', 'Give --tls-key and --tls-cert together.')
}
