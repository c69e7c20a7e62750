import { describe, expect, it } from 'vitest'
import { exitCode, PipelineError } from '../../src/error.js'
import { graphOf } from '../../src/model/graph.js'

function graph(references: Record<string, readonly string[]>) {
  return graphOf(new Map(Object.entries(references)))
}

/** mart reads b and c, which read a; z stands alone. */
const diamond = { mart: ['c', 'b'], c: ['a'], b: ['a'], a: [], z: [] }

function message(references: Record<string, readonly string[]>): string {
  try {
    graph(references)
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error
    expect(error.exit).toBe(exitCode.badInput)
    return error.message
  }
  throw new Error('nothing was refused')
}

describe('the graph of models', () => {
  it('puts every model after those it reads, by name among equals', () => {
    expect(graph(diamond).order).toEqual(['a', 'b', 'c', 'mart', 'z'])
  })

  it('has the same order whatever the order of the files', () => {
    const other = { z: [], a: [], b: ['a'], c: ['a'], mart: ['b', 'c'] }
    expect(graph(other).order).toEqual(graph(diamond).order)
  })

  it('lets a model that reads another twice come once', () => {
    expect(graph({ b: ['a', 'a'], a: [] }).order).toEqual(['a', 'b'])
  })

  it('knows ancestors and descendants, all or so many steps away', () => {
    const { ancestors, descendants } = graph({ ...diamond, top: ['mart'] })
    expect([...ancestors('top')].toSorted()).toEqual(['a', 'b', 'c', 'mart'])
    expect([...ancestors('top', 1)]).toEqual(['mart'])
    expect([...ancestors('top', 2)].toSorted()).toEqual(['b', 'c', 'mart'])
    expect([...ancestors('top', 0)]).toEqual([])
    expect([...descendants('a')].toSorted()).toEqual(['b', 'c', 'mart', 'top'])
    expect([...descendants('b', 1)]).toEqual(['mart'])
    expect([...descendants('z')]).toEqual([])
  })

  it('names the cycle, and only the cycle', () => {
    const said = message({ a: ['b'], b: ['c'], c: ['a'], d: ['a'], e: [] })
    expect(said).toContain('a -> b -> c -> a.')
    expect(said).not.toContain('d ->')
  })

  it('names a model that reads itself', () => {
    expect(message({ a: ['a'] })).toContain('a -> a.')
  })

  it('names the shortest of several cycles', () => {
    const said = message({ a: ['b'], b: ['c', 'a'], c: ['b', 'd'], d: ['a'] })
    expect(said).toMatch(/: (a -> b -> a|b -> c -> b)\./)
  })

  it('refuses a reference to nothing', () => {
    expect(message({ a: ['gone'] })).toContain('a reads gone')
  })

  it('orders a chain of 2,000 models within seconds', () => {
    const chain = new Map(
      Array.from({ length: 2000 }, (_, index) => [
        `m${index}`,
        index === 1999 ? [] : [`m${index + 1}`],
      ]),
    )
    const { order } = graphOf(chain)
    expect(order.at(0)).toBe('m1999')
    expect(order.at(-1)).toBe('m0')
  })
})
