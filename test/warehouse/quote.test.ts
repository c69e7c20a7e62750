import { expect, it } from 'vitest'
import { queryFault } from '../../src/warehouse/fault.js'
import { identifier, literal, relation } from '../../src/warehouse/quote.js'

it('a literal doubles quotes and spells NUL', () => {
  expect(literal("O'Neil \\")).toBe("'O''Neil \\'")
  expect(literal("a\0'")).toBe("('a' || chr(0) || '''')")
})

it('an identifier doubles quotes', () => {
  expect(relation('ma"in', 'a b')).toBe('"ma""in"."a b"')
})

it('a name that nothing can be called is bad input', () => {
  for (const name of ['', 'a\0b', '\ud800']) {
    expect(() => identifier(name)).toThrow(expect.objectContaining({ exit: 3 }))
  }
  expect(() => literal('\udfff')).toThrow(expect.objectContaining({ exit: 3 }))
})

it('a full disk is the machine, exit code 6', () => {
  const said = queryFault(
    new Error(
      'IO Error: Could not write file "x.duckdb": No space left on device',
    ),
    'x.duckdb',
  )
  expect(said).toMatchObject({ exit: 6 })
  expect(said.message).toContain('the disk is full')
})

it('a mistake in SQL is not damage, whatever its words', () => {
  const error = new Error('Binder Error: column "corrupt checksum" not found')
  expect(queryFault(error, 'x.duckdb')).toBe(error)
})
