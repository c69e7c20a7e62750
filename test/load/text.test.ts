import { describe, expect, it } from 'vitest'
import { canonicalText, recordText, toWire } from '../../src/load/text.js'

describe('canonical text', () => {
  it.each([
    [null, 'string', null],
    ['', 'string', null],
    ['null', 'string', null],
    ['NULL', 'string', 'NULL'],
    [' a ', 'string', ' a '],
    ['x', 'some_new_type', 'x'],
    [true, 'boolean', 'true'],
    ['False', 'boolean', 'false'],
    [1, 'boolean', 'true'],
    ['maybe', 'boolean', 'maybe'],
    [12, 'integer', '12'],
    ['012', 'integer', '12'],
    ['12.0', 'integer', '12'],
    ['12.50', 'currency', '12.5'],
    ['-0.0', 'float', '0'],
    ['.5', 'float', '0.5'],
    ['-1.5e3', 'float', '-1500'],
    ['15e-4', 'float', '0.0015'],
    [1e21, 'float', '1000000000000000000000'],
    ['9007199254740993', 'reference', '9007199254740993'],
    ['12 apples', 'integer', '12 apples'],
    ['2026-11-21T10:00:00Z', 'datetime', '2026-11-21T10:00:00Z'],
    ['2026-11-21T10:00:00.123Z', 'datetime', '2026-11-21T10:00:00Z'],
    ['2026-11-21 10:00:00', 'datetime', '2026-11-21T10:00:00Z'],
    ['2026-11-21T10:00:00+0200', 'datetime', '2026-11-21T08:00:00Z'],
    ['2026-02-30T10:00:00Z', 'datetime', '2026-02-30T10:00:00Z'],
    ['2026-11-21', 'date', '2026-11-21'],
    ['2026-11-21T00:00:00Z', 'date', '2026-11-21'],
    ['21.11.2026', 'date', '21.11.2026'],
  ])('of %j as %s is %j', (value, type, text) => {
    expect(canonicalText(value, type)).toBe(text)
  })

  it('keeps the word null of a record, where nothing was exported', () => {
    expect(recordText('null', 'string')).toBe('null')
  })
})

describe('the value to send', () => {
  it.each([
    [null, 'string', null],
    ['true', 'boolean', true],
    ['false', 'boolean', false],
    ['42', 'score', 42],
    ['-1.5', 'currency', -1.5],
    ['9007199254740993', 'integer', '9007199254740993'],
    ['007', 'string', '007'],
    ['2026-11-21T10:00:00Z', 'datetime', '2026-11-21T10:00:00Z'],
  ])('for %j as %s is %j', (text, type, value) => {
    expect(toWire(text, type)).toBe(value)
  })

  it('comes back as the same text for 1,000 random numbers', () => {
    for (let n = 0; n < 1000; n += 1) {
      const number = (n - 500) * 7919.13 ** ((n % 5) - 2)
      const text = canonicalText(number, 'float')
      expect(canonicalText(toWire(text, 'float'), 'float')).toBe(text)
    }
  })
})
