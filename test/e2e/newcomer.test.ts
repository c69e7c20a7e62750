import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from './support.js'

const binary = resolve('dist/cli.js')

/** The commands of a section's first block, comments cut off. */
function commands(section: string): string[] {
  const readme = readFileSync('README.md', 'utf8')
  const [, rest = ''] = readme.split(`\n## ${section}\n`)
  const block = /^```\n([^]*?)^```/m.exec(rest)?.[1] ?? ''
  return block
    .split('\n')
    .map((line) => line.replace(/\s+# .*$/, '').trim())
    .filter((line) => line !== '')
}

interface Answer {
  readonly command: string
  readonly stdout: string
}

/** A shell in an empty folder, in which `npx pipeline` is this program. */
function shell(folder: string, command: string): Answer {
  const line = command.replace(
    /^npx pipeline /,
    `"${process.execPath}" "${binary}" `,
  )
  expect(line).not.toBe(command)
  const { status, stdout, stderr } = spawnSync('sh', ['-c', line], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, USER: 'newcomer' },
    encoding: 'utf8',
  })
  expect([command, status, stderr]).toEqual([command, 0, ''])
  return { command, stdout }
}

function waiting(text = ''): number {
  return Number(/(\d+) items wait for a decision/.exec(text)?.[1] ?? '-1')
}

it('leads from an empty folder to the first reviewed cluster, as the README says', () => {
  const folder = temporaryFolder()
  const lines = commands('From nothing to the first reviewed cluster')
  const steps = ['init', 'debug', 'run', 'review', 'review', 'run', 'apply']
  expect(lines.map((line) => line.split(' ')[2])).toEqual(steps)
  const answers = lines.map((line) => shell(folder, line))
  const [init, debug, run, review, decide, again, apply] = answers
  const [, item = '', lowest = ''] =
    /--decide (\w+:(\d+))/.exec(decide?.command ?? '') ?? []

  expect(init?.stdout).toContain('Wrote pipelines/first.yml, models/')
  expect(debug?.stdout).toContain('Everything is ready.')
  expect(run?.stdout).toContain(
    'Nothing was sent: the plan waits for approval.',
  )
  expect(waiting(run?.stdout)).toBeGreaterThan(1)
  expect(review?.stdout).toContain(`${waiting(run?.stdout)} items wait`)
  expect(decide?.stdout).toContain('1 decision taken')
  expect(waiting(again?.stdout)).toBe(waiting(run?.stdout) - 1)
  expect(apply?.stdout).toContain('rows done')

  // The two were one cluster, waited, and are now two people for good.
  const decisions = readFileSync(
    join(folder, 'pipelines/first.override.csv'),
    'utf8',
  ).split('\n')
  const [kind, a, b] = (decisions[1] ?? '').split(',')
  expect([kind, a]).toEqual(['never_merge', lowest])
  const shown = shell(
    folder,
    `npx pipeline show first --json --inline "select id, cluster_id, is_deleted from main.lead where id in (${a}, ${b}) order by id"`,
  )
  expect(JSON.parse(shown.stdout)).toEqual({
    rows: [a, b]
      .map(Number)
      .toSorted((x, y) => x - y)
      .map((id) => ({ id, cluster_id: id, is_deleted: false })),
  })
  const left = shell(folder, 'npx pipeline review first --limit 1000')
  expect(left.stdout).not.toContain(item)
}, 300_000)
