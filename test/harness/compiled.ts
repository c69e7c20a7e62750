import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { expect } from 'vitest'

function run(command: string, args: readonly string[]) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let told = ''
  child.stdout.on('data', (chunk: Buffer) => (told += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()))
  return new Promise<{ code: number | null; told: string }>((done) => {
    child.on('close', (code) => done({ code, told }))
  })
}

/** Compiled, because threads and planted bugs need files of their own. */
export async function compile(name: string): Promise<string> {
  const built = resolve('.bench', name)
  const tsc = resolve('node_modules/.bin/tsc')
  const project = ['--project', '.tsconfig.bench.json', '--outDir', built]
  const { code, told } = await run(tsc, project)
  expect(told.replace(/^npm warn .*$/gm, '').trim()).toBe('')
  expect(code).toBe(0)
  return built
}

/** Runs a script of the harness and shows what it prints. */
export async function harness(
  built: string,
  script: string,
  ...args: string[]
): Promise<{ code: number | null; told: string }> {
  const file = join(built, 'test/harness', `${script}.js`)
  const { code, told } = await run(process.execPath, [file, ...args])
  process.stdout.write(`\n${told}`)
  return { code, told }
}
