import { describe, expect, it } from 'vitest'
import { createProgram } from '../src/program.js'
import { capture, invoke, project } from './command/invoke.js'

describe('the command line', () => {
  it('prints help on stdout and ends with 0', async () => {
    const { code, stdout, stderr } = await invoke(['--help'])
    expect(code).toBe(0)
    expect(stdout).toContain('Usage: pipeline')
    expect(stdout).toMatch(/^ +init .*<name>/m)
    expect(stderr).toBe('')
  })

  it('shows the global options in the help of each verb', async () => {
    const { stdout } = await invoke(['list', '--help'])
    expect(stdout).toContain('--project-dir')
  })

  it('prints its version', async () => {
    const { code, stdout } = await invoke(['--version'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  it.each([
    [['lits'], 'list'],
    [['list', '--jsno'], '--json'],
    [['init'], "missing required argument 'name'"],
    [['debug', 'a', 'b'], 'too many arguments'],
    [[], 'Usage: pipeline'],
  ])('refuses %j with exit 3 and a hint', async (args, hint) => {
    const { code, stdout, stderr } = await invoke(args)
    expect(code).toBe(3)
    expect(stderr).toContain(hint)
    expect(stderr).not.toContain('error: ')
    expect(stdout).toBe('')
  })

  it('names commands as they have to be typed where npx runs it', async () => {
    const cwd = await project()
    const plain = await invoke(['status'], { cwd })
    expect(plain.stderr).toContain(' pipeline init NAME')
    const env = { npm_lifecycle_event: 'npx' }
    const { stderr } = await invoke(['status'], { cwd, env })
    expect(stderr).toContain(' npx pipeline init NAME')
  })

  it('gives machines a document for a wrong option too', async () => {
    const { code, stdout } = await invoke(['list', '--json', '--jsno'])
    expect(JSON.parse(stdout)).toMatchObject({
      exit_code: code,
      error: { code: 'commander.unknownOption' },
    })
  })

  it('hides the schema command and still has it', async () => {
    const { stdout } = await invoke(['--help'])
    expect(stdout).not.toContain('schema')
    const schema = await invoke(['schema'])
    expect(JSON.parse(schema.stdout)).toMatchObject({ title: 'Pipeline' })
  })

  it('gives machines one document also when it fails', async () => {
    const cwd = await project({ 'acme.yml': 'marketo: sandbox\n' })
    const { code, stdout, stderr } = await invoke(['debug', 'acne', '--json'], {
      cwd,
    })
    expect(code).toBe(3)
    expect(stderr).toContain('Did you mean "acme"?')
    expect(JSON.parse(stdout)).toMatchObject({
      status: 'failed',
      exit_code: 3,
      error: { code: 'no_pipeline', message: stderr.trim() },
    })
  })
})

/** A program with one verb more, which meets a fault of ours. */
async function failing(args: readonly string[], env = {}) {
  const { context, written } = capture({ env })
  const { runProgram } = await import('../src/program.js')
  const broken = {
    ...context,
    stdout: {
      write() {
        throw new Error('no stdout: secret-of-acme-1')
      },
    },
  }
  const code = await runProgram(args, broken)
  return { code, stderr: written.stderr }
}

describe('an unexpected error', () => {
  it('is one sentence and exit 2, without a stack', async () => {
    const { code, stderr } = await failing(['schema'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/^Unexpected error: no stdout.* --debug .*\n$/)
    expect(stderr).not.toContain('program.test')
  })

  it('shows its stack with --debug', async () => {
    const { stderr } = await failing(['schema', '--debug'])
    expect(stderr).toContain('program.test')
  })

  it('does not repeat a secret of the environment', async () => {
    const env = { ACME_CLIENT_SECRET: 'secret-of-acme-1' }
    const { stderr } = await failing(['schema', '--debug'], env)
    expect(stderr).toContain('[secret]')
    expect(stderr).not.toContain('of-acme-1')
  })
})

describe('every verb', () => {
  it('has a description', () => {
    const { commands } = createProgram(capture().context)
    expect(commands.length).toBeGreaterThan(3)
    for (const command of commands) expect(command.description()).not.toBe('')
  })
})
