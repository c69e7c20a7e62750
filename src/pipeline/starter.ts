/** The file that a new pipeline begins with. */
import { readReadyRules, withConnection } from './ready-rules.js'

/**
 * A commented starter, or ready rules, with a connection of their own.
 * @throws PipelineError (exit 3) that says which ready rules there are
 */
export async function starterText(
  name: string,
  { from, isSandbox }: { from: string | null; isSandbox: boolean },
): Promise<string> {
  const marketo = isSandbox
    ? 'marketo: sandbox'
    : connection(variablePrefix(name))
  return from === null
    ? starter(name, isSandbox ? sandboxParts : instanceParts(marketo))
    : withConnection(await readReadyRules(from), marketo)
}

/** The variables that the connection of a new pipeline refers to. */
export function connectionVariables(name: string): string[] {
  const prefix = variablePrefix(name)
  return ['ENDPOINT', 'CLIENT_ID', 'CLIENT_SECRET'].map(
    (part) => `${prefix}_MARKETO_${part}`,
  )
}

/** `acme-emea` is `ACME_EMEA`; a variable cannot begin with a digit. */
function variablePrefix(name: string): string {
  const word = name.toUpperCase().replaceAll('-', '_')
  return /^\d/.test(word) ? `P${word}` : word
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
