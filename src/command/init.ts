import { access, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import { asError, badInput, exitCode, PipelineError } from '../error.js'
import { completeProject } from './new-project.js'
import { readReadyRules, withConnection } from './ready-rules.js'
import { type CommandContext, printDocument, settings } from './output.js'

export function registerInit(program: Command, context: CommandContext) {
  program
    .command('init')
    .argument('<name>', 'name of the new pipeline')
    .description('write a commented starter file, pipelines/NAME.yml')
    .option(
      '--from <rules>',
      'begin with ready rules, such as those of Salesforce; a wrong name lists them',
    )
    .option('--sandbox', 'against a simulator with made-up leads')
    .action((name: string, flags: InitFlags, command: Command) =>
      init(name, flags, { command, context }),
    )
}

interface InitFlags {
  readonly from?: string
  readonly sandbox?: boolean
}

async function init(
  name: string,
  { from, sandbox: isSandbox = false }: InitFlags,
  { command, context }: { command: Command; context: CommandContext },
): Promise<void> {
  const options = settings(command, context)
  const { pipelineFile } = await import('../pipeline/select.js')
  const { seenFrom } = await import('../pipeline/load.js')
  const folder = join(options.projectDir, 'pipelines')
  const path = pipelineFile(folder, name)
  const file = seenFrom(context.cwd, path)
  const prefix = variablePrefix(name)
  const marketo = isSandbox ? 'marketo: sandbox' : connection(prefix)
  const text =
    from === undefined
      ? starter(name, isSandbox ? sandboxParts : instanceParts(marketo))
      : withConnection(await readReadyRules(from), marketo)
  await create(path, text, file)
  const made = await completeProject(options.projectDir)
  const variables = ['ENDPOINT', 'CLIENT_ID', 'CLIENT_SECRET'].map(
    (part) => `${prefix}_MARKETO_${part}`,
  )
  const needed = isSandbox ? [] : variables
  if (options.json) {
    const written = { name, file, made, variables: needed }
    printDocument(context, { status: 'done', ...written })
    return
  }
  const all = [file, ...made].join(', ')
  context.stdout.write(
    isSandbox ? sandboxSteps(name, all) : nextSteps(name, all, variables),
  )
}

/** Never overwrites: `wx` fails where the file exists, however it got there. */
async function create(path: string, text: string, file: string): Promise<void> {
  const write = async () => {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text, { flag: 'wx' })
  }
  await write().catch(async (thrown: unknown) => {
    const error = asError(thrown)
    const isTaken = await access(path).then(
      () => true,
      () => false,
    )
    if (!isTaken) throw unwritable(error, file)
    throw badInput(
      'file_exists',
      `${file} exists already and was left as it is; choose another name or edit it.`,
      { file },
    )
  })
}

function unwritable(error: Error, file: string): PipelineError {
  if (error instanceof PipelineError) return error
  const why = error.message.split(',')[0] ?? ''
  return new PipelineError(
    'machine',
    `${file} cannot be written (${why}); check the folder, or give another with --project-dir.`,
    { exit: exitCode.machine, cause: error },
  )
}

/** `acme-emea` is `ACME_EMEA`; a variable cannot begin with a digit. */
function variablePrefix(name: string): string {
  const word = name.toUpperCase().replaceAll('-', '_')
  return /^\d/.test(word) ? `P${word}` : word
}

function sandboxSteps(name: string, file: string): string {
  return `Wrote ${file}. Next:
  1. Check:       pipeline debug ${name}
  2. Look first:  pipeline run ${name}    (it stops at the plan)
  3. Decide what is doubtful:  pipeline review ${name}
`
}

function nextSteps(
  name: string,
  file: string,
  variables: readonly string[],
): string {
  const [endpoint, id, secret] = variables
  return `Wrote ${file}. Next:
  1. In Marketo, Admin > LaunchPoint, make a custom service for an API-only
     user whose role may read and write leads and read activities.
  2. Set these variables (Admin > Web Services shows the endpoint):
       ${endpoint}        https://123-ABC-456.mktorest.com
       ${id}
       ${secret}
  3. Check:       pipeline debug ${name}
  4. Look first:  pipeline run ${name}    (it stops at the plan)
`
}

function connection(prefix: string): string {
  return `marketo:
  endpoint: \${${prefix}_MARKETO_ENDPOINT}
  client_id: \${${prefix}_MARKETO_CLIENT_ID}
  client_secret: \${${prefix}_MARKETO_CLIENT_SECRET}`
}

/** What the starter says of a Marketo, and how far a plan may go there. */
interface Parts {
  readonly marketo: string
  readonly guardrails: string
}

/** A fifth of the made-up leads are duplicates. */
const sandboxParts: Parts = {
  marketo: `# A simulator that the run starts by itself. For a Marketo of your own, write a
# mapping with endpoint, client_id and client_secret, as pipeline init does.
marketo: sandbox`,
  guardrails:
    '{ merges: 5000, merge_share: 40%, updates: 50000, cluster_size: 10 }',
}

function instanceParts(marketo: string): Parts {
  return {
    marketo: `# Secrets are references to environment variables, never values. To rehearse
# without a Marketo, replace the whole mapping by:  marketo: sandbox
${marketo}
  # How much of the subscription's quota this pipeline may use.
  budget: { calls_per_day: 20000, calls_per_20s: 50, export_mb_per_day: 400 }`,
    guardrails:
      '{ merges: 500, merge_share: 2%, updates: 50000, cluster_size: 10 }',
  }
}

function starter(name: string, { marketo, guardrails }: Parts): string {
  return `# yaml-language-server: $schema=../.pipeline.schema.json
#
# One Marketo instance and what to do with its leads. Every key that is not
# known is an error, so a typing mistake cannot pass in silence.

description: ${name}
owner: marketing-ops
groups: []                        # labels; commands accept group:NAME

${marketo}

# What the rules need is exported by itself; these are extra, for analysts.
extract:
  fields: [leadSource, industry]

services:
  duplicate:
    type: dedupe
    # list: { static: Newsletter }      # left out: every lead
    match:                              # any one rule makes two leads one
      - same: [email]
      - same: [phone, last_name]
    never:
      - differ: sfdcAccountId           # two CRM accounts are two people
    winner: [crm_contact, crm_lead, { newest: updatedAt }, { lowest: id }]
    survive:                            # otherwise the winner's value stays
      phone: most_recent
      leadSource: oldest
    # Opt-outs and bounces of any record are kept without being named here.

  # Fields for hashes must exist in Marketo before this can be switched on.
  # hash:
  #   type: hash
  #   write: { emailSha256: { algorithm: sha256, profile: google } }

load:
  apply: review                   # stop at the plan; auto applies it
  guardrails: ${guardrails}

# schedule: { cron: "0 5 * * *", timezone: Europe/Paris, until: "07:00" }
`
}
