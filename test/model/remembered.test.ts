import { describe, expect, it } from 'vitest'
import { remembered } from '../../src/model/memory.js'

describe('what is made of texts', () => {
  it('is made once of the same texts, and anew of others', () => {
    const asked: string[] = []
    const joined = remembered((a: string, b: string) => {
      asked.push(`${a}|${b}`)
      return { text: a + b }
    })
    expect(joined('a', 'bc')).toBe(joined('a', 'bc'))
    expect(joined('ab', 'c')).toEqual({ text: 'abc' })
    expect(asked).toEqual(['a|bc', 'ab|c'])
  })

  it('is asked for again where it could not be made', () => {
    let isBroken = true
    const made = remembered((text: string) => {
      if (isBroken) throw new Error('no')
      return text
    })
    expect(() => made('a')).toThrow('no')
    isBroken = false
    expect(made('a')).toBe('a')
  })

  it('is forgotten when it is too much', () => {
    let count = 0
    const made = remembered((text: string) => {
      count += 1
      return `${text}${count}`
    }, 2)
    expect(['a', 'b', 'c', 'c', 'a'].map((text) => made(text))).toEqual([
      'a1',
      'b2',
      'c3',
      'c3',
      'a4',
    ])
  })
})
