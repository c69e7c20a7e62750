import { constants } from 'node:fs'
import { access, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { asError, exitCode } from '../error.js'
import { counted, formatBytes } from '../format.js'
import { envFile, readEnvFile } from '../pipeline/env-file.js'
import { type Check, failed, failedBy, passed, warned } from '../run/check.js'

/** What package.json asks for. */
const oldestNode = [20, 19] as const

export function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [wantedMajor, wantedMinor] = oldestNode
  const isNew =
    major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
  return isNew
    ? passed('node', `version ${version}`)
    : failed(
        'node',
        `Node.js ${version} is too old; install ${oldestNode.join('.')} or newer.`,
        exitCode.machine,
      )
}

/** Room that a small instance's landing and warehouse need. */
const roomNeeded = 200_000_000
const roomWanted = 2_000_000_000

/** Whether a run could write; nothing is written here. */
export async function folderCheck(projectDir: string): Promise<Check> {
  try {
    const folder = await existing(join(projectDir, 'warehouse'))
    await access(folder, constants.W_OK)
    const { bavail, bsize } = await statfs(folder)
    return room(bavail * bsize)
  } catch (thrown) {
    const why = asError(thrown).message.split(',')[0] ?? ''
    return failed(
      'folder',
      `${join(projectDir, 'warehouse')} cannot be written (${why}); give yourself the right, or use --project-dir.`,
      exitCode.machine,
    )
  }
}

function room(free: number): Check {
  const text = `warehouse/ can be written, ${formatBytes(free)} free`
  if (free >= roomWanted) return passed('folder', text)
  const next = 'make room before a large export'
  return free >= roomNeeded
    ? warned('folder', `${text}; ${next}.`)
    : failed('folder', `${text}; ${next}.`, exitCode.machine)
}

/** The folder, or the nearest one above it that exists. */
async function existing(folder: string): Promise<string> {
  const found = await stat(folder).catch(() => null)
  if (found !== null || dirname(folder) === folder) return folder
  return existing(dirname(folder))
}

/** Whether values of variables lie open; nothing where there is no file. */
export async function envFileCheck(projectDir: string): Promise<Check[]> {
  const facts = await stat(envFile(projectDir)).catch(() => null)
  if (facts === null) return []
  const count = Object.keys(readEnvFile(projectDir)).length
  const text = `${counted(count, 'variable')} in .env`
  const isOpen = (facts.mode & 0o077) !== 0
  return isOpen
    ? [warned('env file', `${text}, which others can read: chmod 600 .env`)]
    : [passed('env file', `${text}, which only you can read`)]
}

/** Opens the build file, read only, where there is one. */
export async function warehouseCheck(
  projectDir: string,
  name: string,
): Promise<Check> {
  const { foldersOf } = await import('../run/folder.js')
  const { build } = foldersOf(projectDir, name)
  const isThere = await access(build).then(
    () => true,
    () => false,
  )
  if (!isThere) return passed('warehouse', 'none yet; the first run makes it')
  try {
    return passed('warehouse', `${await tablesOf(build)} tables, opens`)
  } catch (thrown) {
    const check = failedBy('warehouse', thrown)
    return check.exit === exitCode.locked
      ? passed('warehouse', 'in use by a run')
      : check
  }
}

async function tablesOf(build: string): Promise<number> {
  const { mkdtemp, rm } = await import('node:fs/promises')
  const { tmpdir } = await import('node:os')
  const { Warehouse } = await import('../warehouse/warehouse.js')
  const temp = await mkdtemp(join(tmpdir(), 'pipeline-debug-'))
  try {
    const options = { path: build, temp, sealed: true, readOnly: true }
    const warehouse = await Warehouse.open(options)
    try {
      const { tables } = await warehouse.one<{ tables: number }>(
        'select count(*) as tables from duckdb_tables()',
      )
      return tables
    } finally {
      await warehouse.close()
    }
  } finally {
    await rm(temp, { recursive: true, force: true })
  }
}
