import { describe, expect, it } from 'vitest'
import { progress } from '../../src/command/progress.js'
import { displayWidth } from '../../src/command/width.js'
import { capture } from './invoke.js'

const options = { json: false, quiet: false, color: false }

const windows = [
  {
    label: 'created 2026-01-01 to 2026-01-31',
    done: 12_000_000,
    total: 48_000_000,
    text: 'is fetched · 12 MB of 48 MB',
  },
  {
    label: 'created 2026-02-01 to 2026-02-28',
    done: 0,
    total: null,
    text: 'Marketo exports it',
  },
]

/** What a terminal shows after all that was written to it. */
function screen(written: string): string[] {
  const lines = ['']
  let row = 0
  for (const [token] of written.matchAll(
    // oxlint-disable-next-line no-control-regex -- what a terminal obeys
    /\u001b\[1A|\u001b\[2K|\r|\n|[^\r\n\u001b]+/g,
  )) {
    if (token === '\n') row += 1
    else if (token === '\u001b[1A') row -= 1
    else if (token === '\u001b[2K') lines[row] = ''
    else if (token !== '\r') lines[row] = (lines[row] ?? '') + token
    lines[row] ??= ''
  }
  return lines
}

function play(columns: number): string[][] {
  const { context, written } = capture({ isTerminal: true })
  let time = 0
  const world = { ...context, columns }
  const shown = progress(world, options, () => (time += 100))
  const frames: string[][] = []
  const look = () => frames.push(screen(written.stdout))
  shown.start('extract')
  shown.update('extract', 250, 1000, '412,300 leads · 81 MB', windows)
  look()
  shown.line('a note')
  look()
  shown.update('extract', 500, 1000, '800,000 leads', windows.slice(1))
  look()
  shown.end('extract', '1,000,000 leads', 9, 'ok')
  look()
  return frames
}

describe('windows of an extract', () => {
  it('have a line each under their step, redrawn in place', () => {
    const [two, noted, one, done] = play(100)
    expect(two).toEqual([
      expect.stringMatching(
        /^ {2}extract {2}█{6}░{18} {2}412,300 leads · 81 MB/,
      ),
      '    created 2026-01-01 to 2026-01-31  ███░░░░░░░░░  is fetched · 12 MB of 48 MB',
      '    created 2026-02-01 to 2026-02-28  Marketo exports it',
    ])
    expect(noted).toEqual(['a note', ...(two ?? [])])
    expect(one?.filter((line) => line !== '')).toEqual([
      'a note',
      expect.stringContaining('800,000 leads'),
      '    created 2026-02-01 to 2026-02-28  Marketo exports it',
    ])
    expect(done?.filter((line) => line !== '')).toEqual([
      'a note',
      expect.stringContaining('1,000,000 leads'),
    ])
  })

  it('are counted in one line on a narrow terminal', () => {
    const [two] = play(70)
    expect(two).toHaveLength(1)
    expect(two?.[0]).toContain('2 at once')
    expect(displayWidth(two?.[0] ?? '')).toBeLessThan(70)
  })

  it('of which there are many are cut, and no line is too wide', () => {
    const { context, written } = capture({ isTerminal: true })
    const wide = {
      label: 'x'.repeat(90),
      done: 1,
      total: 2,
      text: 'y'.repeat(99),
    }
    const parts = Array.from({ length: 9 }, () => wide)
    const shown = progress({ ...context, columns: 80 }, options, () => 100)
    shown.start('extract')
    const later = progress({ ...context, columns: 80 }, options, () => 1e6)
    later.update('extract', 1, 2, 'text', parts)
    const lines = screen(written.stdout)
    expect(lines).toHaveLength(8)
    expect(lines.at(-1)).toBe('    and 3 more')
    for (const line of lines) expect(displayWidth(line)).toBeLessThan(80)
  })

  it('become a plain line now and then where there is no terminal', () => {
    const { context, written } = capture({ isTerminal: false })
    let time = 0
    const shown = progress(context, options, () => time)
    shown.start('extract')
    for (const at of [1000, 29_000, 31_000, 40_000, 62_000]) {
      time = at
      shown.update('extract', at, 100_000, `${at} leads`, windows)
    }
    expect(written.stdout).toBe(
      'extract  31 % · 31000 leads\nextract  62 % · 62000 leads\n',
    )
  })
})
