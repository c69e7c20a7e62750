import { describe, expect, it } from 'vitest'
import {
  counted,
  formatBytes,
  formatDuration,
  formatNumber,
  formatShare,
} from '../../src/format.js'
import { colored, printable, table } from '../../src/command/output.js'
import {
  bar,
  plainLine,
  progress,
  type StepView,
  stepLine,
} from '../../src/command/progress.js'
import { displayWidth, fit } from '../../src/command/width.js'
import { capture } from './invoke.js'

describe('numbers', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1000, '1,000'],
    [412_300, '412,300'],
    [1_234_567.6, '1,234,568'],
    [-1234, '-1,234'],
  ])('writes %d as %s', (value, text) => {
    expect(formatNumber(value)).toBe(text)
  })

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1500, '1.5 KB'],
    [2_000_000, '2 MB'],
    [81_234_567, '81 MB'],
    [999_700_000, '1 GB'],
    [1_500_000_000_000_000, '1500 TB'],
  ])('writes %d bytes as %s', (value, text) => {
    expect(formatBytes(value)).toBe(text)
  })

  it.each([
    [0, '0.0s'],
    [0.84, '0.8s'],
    [6.1, '6.1s'],
    [9.96, '10s'],
    [41, '41s'],
    [59.6, '1m 00s'],
    [72, '1m 12s'],
    [581, '9m 41s'],
    [7500, '2h 05m'],
  ])('writes %d seconds as %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text)
  })

  it('writes shares and counts as people say them', () => {
    expect([0, 0.003, 0.02, 0.025, 0.4].map(formatShare)).toEqual([
      '0 %',
      '0.3 %',
      '2 %',
      '2.5 %',
      '40 %',
    ])
    expect(counted(1, 'merge')).toBe('1 merge')
    expect(counted(1204, 'merge')).toBe('1,204 merges')
    expect(counted(2, 'reply', 'replies')).toBe('2 replies')
  })
})

describe('text of others', () => {
  it('cannot drive the terminal or reorder the line', () => {
    expect(printable('a\u001b[31mb\u009bc\u202ed\n')).toBe('a�[31mb�c�d�')
  })

  it('is measured and cut in cells', () => {
    expect(displayWidth('Zoë 名前')).toBe(8)
    expect(displayWidth('e\u0301')).toBe(1)
    expect(fit('名前です', 5)).toBe('名前…')
    expect(fit('short', 5)).toBe('short')
  })

  it('lines up in a table, wide characters too', () => {
    expect(
      table(
        ['name', 'owner', ''],
        [
          ['acme', '名前', 'x'],
          ['long-name', 'me', ''],
        ],
      ),
    ).toEqual(['name       owner', 'acme       名前   x', 'long-name  me'])
  })
})

function view(part: Partial<StepView> = {}): StepView {
  return {
    step: 'extract',
    done: 0,
    total: null,
    text: '',
    seconds: null,
    status: 'ok',
    ...part,
  }
}

describe('a step', () => {
  it('shows a bar, the facts and the time', () => {
    const done = view({
      done: 3,
      total: 3,
      text: '412,300 leads · 81 MB · 3 jobs',
      seconds: 72,
    })
    const half = view({ step: 'apply', done: 512, total: 1204, text: 'x' })
    const built = view({ step: 'build', text: '14 models', seconds: 6.1 })
    expect(
      [done, half, built].map((each) => stepLine(each, 100, false)),
    ).toMatchInlineSnapshot(`
      [
        "  extract  ████████████████████████  412,300 leads · 81 MB · 3 jobs             1m 12s",
        "  apply    ██████████░░░░░░░░░░░░░░  x",
        "  build    14 models                                                              6.1s",
      ]
    `)
  })

  it('never is wider than the terminal', () => {
    const long = view({
      total: 2,
      done: 1,
      text: '名前 '.repeat(40),
      seconds: 3,
    })
    for (const columns of [60, 80, 100, 200]) {
      const width = displayWidth(stepLine(long, columns, false))
      expect(width).toBeLessThan(columns)
    }
  })

  it('has no full bar before the end and never overflows', () => {
    expect(bar(999, 1000)).toBe(`${'█'.repeat(23)}░`)
    expect(bar(5, 3)).toBe('█'.repeat(24))
    expect(bar(-1, 3)).toBe('░'.repeat(24))
    expect(bar(0, 0)).toBe('█'.repeat(24))
  })

  it('says its status in words, in colour only where wanted', () => {
    const bad = view({ status: 'failed', text: 'disk full', seconds: 1 })
    expect(stepLine(bad, 80, false)).toContain('failed · disk full')
    expect(stepLine(bad, 80, false)).not.toContain('\u001b')
    expect(stepLine(bad, 80, true)).toContain('\u001b[31mextract\u001b[0m')
    expect(plainLine(bad)).toBe('extract  failed: disk full (1.0s)')
    expect(colored('x', 'ok', false)).toBe('x')
  })
})

const plainOptions = { json: false, quiet: false, color: false }

function play(
  world: { isTerminal: boolean },
  options: typeof plainOptions,
): { stdout: string; stderr: string } {
  const { context, written } = capture(world)
  let time = 0
  const shown = progress(context, options, () => (time += 50))
  shown.start('extract', 2)
  shown.update('extract', 1, 2, '1 lead')
  shown.update('extract', 2, 2, '2 leads')
  shown.line('a note')
  shown.end('extract', '2 leads', 1.5, 'ok')
  shown.start('plan')
  shown.close()
  return written
}

describe('progress', () => {
  it('redraws one line a step on a terminal', () => {
    const { stdout, stderr } = play({ isTerminal: true }, plainOptions)
    const lines = stdout.split('\n')
    expect(lines[0]?.split('\r').at(-1)).toBe('\u001b[2Ka note')
    expect(lines[1]?.split('\r').at(-1)).toMatch(
      /^.\[2K {2}extract {2}█{24} {2}2 leads +1\.5s$/,
    )
    expect(lines[2]).toContain('plan')
    expect(lines[3]).toBe('')
    expect(stderr).toBe('')
  })

  it('does not draw more often than the eye can follow', () => {
    const { context, written } = capture({ isTerminal: true })
    const shown = progress(context, plainOptions, () => 0)
    shown.start('extract', 1000)
    for (let done = 0; done < 1000; done += 1) {
      shown.update('extract', done, 1000, String(done))
    }
    expect(written.stdout.split('\r')).toHaveLength(2)
  })

  it('is one plain line a finished step elsewhere', () => {
    const { stdout, stderr } = play({ isTerminal: false }, plainOptions)
    expect(stdout).toBe('a note\nextract  2 leads (1.5s)\n')
    expect(stderr).toBe('')
  })

  it('leaves stdout to the document of --json', () => {
    const options = { ...plainOptions, json: true }
    const { stdout, stderr } = play({ isTerminal: true }, options)
    expect(stdout).toBe('')
    expect(stderr).toBe('a note\nextract  2 leads (1.5s)\n')
  })

  it('is silent with --quiet', () => {
    const options = { ...plainOptions, quiet: true }
    expect(play({ isTerminal: true }, options)).toEqual({
      stdout: '',
      stderr: '',
    })
  })
})
