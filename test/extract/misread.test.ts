import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { mayBeMisread } from '../../src/extract/misread.js'
import { temporaryFolder } from './setup.js'

async function judged(text: string): Promise<boolean> {
  const path = join(temporaryFolder(), 'x.csv')
  writeFileSync(path, text)
  return await mayBeMisread(path)
}

describe('what DuckDB might read otherwise than it is written', () => {
  it.each([
    ' "a",b\n',
    'a, "b"\n',
    'a,  "b",c\n',
    'a,"b" ,c\n',
    'a,"b"  \n',
    'a,"b" ',
    'a, "",b\n',
    'a,"" ,b\n',
    'a, """b""",c\n',
    'a,"""b""" ,c\n',
    'a,"hello, "\n',
    'a,b,',
    'a,"b"',
    `a,${' '.repeat(100)}"b"\n`,
  ])('is suspected in %j', async (text) => {
    expect(await judged(text)).toBe(true)
  })

  it.each([
    'a,"Acme, ""Widgets"" Inc."\n',
    'a,"said ""yes"", then"\n',
    'a,"a ""b"" c"\n',
    'a,"one\n ""two"""\n',
    'a, b ,"c"\n',
  ])('is not suspected in %j', async (text) => {
    expect(await judged(text)).toBe(false)
  })

  it('is the same wherever the file is cut into chunks', async () => {
    const chunk = 4 * 1024 * 1024
    const good = 'x,"Acme, ""W"" y"\n'
    const bad = 'x, "y"\n'
    for (let shift = 0; shift < good.length; shift += 1) {
      const before = '1\n'.repeat(chunk / 2 - 8) + '2'.repeat(shift)
      expect(await judged(`${before}\n${good}${good}`)).toBe(false)
      expect(await judged(`${before}\n${bad}${good}`)).toBe(true)
    }
  })
})
