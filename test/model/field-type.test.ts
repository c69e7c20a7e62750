import { describe, expect, it } from 'vitest'
import { FieldRules } from '../../src/load/field-rule.js'
import { canonicalText, toWire } from '../../src/load/text.js'
import { asText, holds, sizeOf } from '../../src/model/field-type.js'
import { type DataType, valueOfJson } from '../../src/sandbox/value.js'
import { literal } from '../../src/warehouse/quote.js'
import { memory } from './memory.js'

const types: readonly DataType[] = [
  'string',
  'text',
  'email',
  'integer',
  'score',
  'float',
  'currency',
  'percent',
  'boolean',
  'date',
  'datetime',
]

const values = [
  ['0', '1', '-7', '+7', '12.0', '12.5', '1e3', '1.5e-3', '007'],
  ['2147483647', '2147483648', '-2147483648', '99999999999999999999'],
  ['nan', 'inf', '-Infinity', '0x10', '1_000', '1,5', ' 1', '.5', '5.'],
  ['true', 'FALSE', 'yes', 't', 'null'],
  ['2026-02-28', '2026-02-30', '2026-2-8', '28.02.2026', '20260228'],
  ['2026-02-28 10:00:00', '2026-02-28T10:00:00Z', '2026-02-28T25:00:00Z'],
  ['2026-02-28T10:00:00.123+02:00', '2026-02-28 10:00:00+02', '10:00:00'],
  ['a@b.example', 'a@b', '@b.example', 'a@@b.example', 'a b@c.example'],
  ['é@b.example', 'a@b.example\n', 'text', "o'clock", '😀'],
].flat()

/** Value by value and type by type: whether the SQL says that it fits. */
async function judged(): Promise<
  { value: string; type: DataType; ok: boolean }[]
> {
  const warehouse = await memory()
  const rows = values.map((value) => `(${literal(value)})`).join(', ')
  const names = types.map((type) => `(${literal(type)})`).join(', ')
  return await warehouse.rows(
    `select value, type, coalesce(${holds('value', 'type')}, false) as ok
     from (values ${rows}) as v(value), (values ${names}) as t(type)`,
  )
}

describe('what a field holds', () => {
  it('is taken by the sandbox, value for value', async () => {
    const refused = (await judged()).filter(({ value, type, ok }) => {
      if (!ok) return false
      const sent = toWire(canonicalText(value, type), type)
      return !valueOfJson(type, sent).ok
    })
    expect(refused).toEqual([])
  })

  it('is what a person would say of these values', async () => {
    const fits = (await judged()).filter(({ ok }) => ok)
    const of = (type: DataType) =>
      fits.filter((each) => each.type === type).map(({ value }) => value)
    expect(of('integer').join(' ')).toBe(
      '0 1 -7 +7 12.0 007 2147483647 -2147483648 5. 20260228',
    )
    expect(of('float').join(' ')).toBe(
      '0 1 -7 +7 12.0 12.5 1e3 1.5e-3 007 2147483647 2147483648 -2147483648 .5 5. 20260228',
    )
    expect(of('boolean')).toEqual(['0', '1', 'true', 'FALSE'])
    expect(of('date')).toEqual([
      '2026-02-28',
      '2026-02-28 10:00:00',
      '2026-02-28T10:00:00Z',
      '2026-02-28T25:00:00Z',
      '2026-02-28T10:00:00.123+02:00',
      '2026-02-28 10:00:00+02',
    ])
    expect(of('datetime')).toEqual([
      '2026-02-28 10:00:00',
      '2026-02-28T10:00:00Z',
      '2026-02-28T10:00:00.123+02:00',
      '2026-02-28 10:00:00+02',
    ])
    expect(of('email')).toEqual(['a@b.example'])
    expect(of('string')).toEqual(values)
  })
})

describe('the size of a value', () => {
  it('is what the planner measures, in bytes for text areas', async () => {
    const warehouse = await memory()
    const samples = ['', 'abc', 'é', '😀😀a', 'e\u0301', '漢字']
    for (const type of ['string', 'text']) {
      for (const value of samples) {
        const { size } = await warehouse.one<{ size: number }>(
          `select ${sizeOf('value', 'type')} as size
           from (select ${literal(value)} as value, ${literal(type)} as type)`,
        )
        const field = {
          name: 'f',
          displayName: 'f',
          dataType: type,
          updateable: true,
          crmManaged: false,
        }
        const fits = (length: number) =>
          new FieldRules({
            fields: [{ ...field, length }],
            searchable: [],
          }).fits('f', value)
        expect([value, type, fits(size)]).toEqual([value, type, true])
        if (size > 0) expect(fits(size - 1)).toBe(false)
      }
    }
  })
})

describe('a value of a model', () => {
  it('becomes a time where the field wants one, and nothing where it is empty', async () => {
    const warehouse = await memory()
    const text = async (value: string, type: string) =>
      await warehouse.one<{ text: string | null }>(
        `select ${asText('value', type)} as text from (select ${value} as value)`,
      )
    expect(await text("date '2026-02-28'", 'datetime')).toEqual({
      text: '2026-02-28T00:00:00Z',
    })
    expect(await text("date '2026-02-28'", 'date')).toEqual({
      text: '2026-02-28',
    })
    expect(await text("''", 'string')).toEqual({ text: null })
    expect(await text('true', 'boolean')).toEqual({ text: 'true' })
    expect(await text('12.50::decimal(9, 2)', 'currency')).toEqual({
      text: '12.50',
    })
  })
})
