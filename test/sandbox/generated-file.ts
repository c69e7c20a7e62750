import { closeSync, openSync, writeSync } from 'node:fs'
import { RowWriter } from '../../src/sandbox/csv.js'
import {
  generateLeads,
  type GeneratorOptions,
} from '../../src/sandbox/generator.js'
import { isoSeconds, type Value } from '../../src/sandbox/value.js'

/** Columns of a generated file, in the order written. */
export const generatedColumns = [
  'id',
  'email',
  'salutation',
  'firstName',
  'lastName',
  'title',
  'phone',
  'mobilePhone',
  'company',
  'industry',
  'website',
  'numberOfEmployees',
  'address',
  'city',
  'state',
  'postalCode',
  'country',
  'dateOfBirth',
  'preferredLanguage',
  'leadScore',
  'leadSource',
  'leadStatus',
  'personType',
  'isLead',
  'isAnonymous',
  'unsubscribed',
  'unsubscribedReason',
  'emailInvalid',
  'emailInvalidCause',
  'emailSuspended',
  'marketingSuspended',
  'blackListed',
  'doNotCall',
  'sfdcType',
  'sfdcLeadId',
  'sfdcContactId',
  'sfdcAccountId',
  'sfdcLeadOwnerId',
  'sfdcIsDeleted',
  'createdAt',
  'updatedAt',
] as const

/**
 * Writes generated leads to a CSV shaped like a bulk export, and the truth
 * to another one: `id,cluster`. Returns the rows and the bytes of the first.
 */
export function writeGenerated(
  path: string,
  truthPath: string,
  options: GeneratorOptions,
): { rows: number; bytes: number } {
  const writer = new RowWriter('CSV')
  const leads = new TextFile(path)
  const truth = new TextFile(truthPath)
  leads.add(writer.row(generatedColumns))
  truth.add('id,cluster\n')
  let rows = 0
  for (const { lead, truth: person } of generateLeads(options)) {
    const { id, values } = lead
    const cells = generatedColumns.map((name): Value => {
      if (name === 'id') return id
      if (name === 'createdAt') return isoSeconds(lead.createdAt)
      if (name === 'updatedAt') return isoSeconds(lead.updatedAt)
      return values[name] ?? null
    })
    leads.add(writer.row(cells))
    truth.add(`${id},${person}\n`)
    rows += 1
  }
  const bytes = leads.close()
  truth.close()
  return { rows, bytes }
}

/** A file written in large pieces. */
class TextFile {
  readonly #file: number
  #rows: string[] = []
  #bytes = 0

  constructor(path: string) {
    this.#file = openSync(path, 'w', 0o600)
  }

  add(text: string): void {
    this.#rows.push(text)
    if (this.#rows.length >= 2000) this.#flush()
  }

  /** The bytes written. */
  close(): number {
    this.#flush()
    closeSync(this.#file)
    return this.#bytes
  }

  #flush(): void {
    const bytes = Buffer.from(this.#rows.join(''))
    this.#rows = []
    this.#bytes += bytes.length
    let done = 0
    while (done < bytes.length) done += writeSync(this.#file, bytes, done)
  }
}
