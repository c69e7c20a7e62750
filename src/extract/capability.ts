import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { privateFolder, replaceFile } from '../durable.js'

/** What this Marketo's subscription has, as its answers told. */
export interface Capability {
  readonly instance: string
  /** Exports can be filtered by the time of the last change. */
  readonly updatedAt: boolean
  /** Marketo's time of the answer, ISO 8601. */
  readonly at: string
}

const fileName = 'capability.json'

/** null where nothing is known of this instance. */
export async function readCapability(
  folder: string,
  instance: string,
): Promise<Capability | null> {
  try {
    const text = await readFile(join(folder, fileName), 'utf8')
    const value: unknown = JSON.parse(text)
    return isCapability(value) && value.instance === instance ? value : null
  } catch {
    // Whatever is wrong with it, one call finds the answer again.
    return null
  }
}

export async function rememberCapability(
  folder: string,
  capability: Capability,
): Promise<void> {
  await privateFolder(folder)
  await replaceFile(
    join(folder, fileName),
    `${JSON.stringify(capability, null, 2)}\n`,
  )
}

function isCapability(value: unknown): value is Capability {
  return (
    typeof value === 'object' &&
    value !== null &&
    'instance' in value &&
    'updatedAt' in value &&
    typeof value.updatedAt === 'boolean' &&
    'at' in value &&
    typeof value.at === 'string'
  )
}
