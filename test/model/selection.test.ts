import { describe, expect, it } from 'vitest'
import { exitCode, PipelineError } from '../../src/error.js'
import { graphOf } from '../../src/model/graph.js'
import { selectModels } from '../../src/model/selection.js'

const models = [
  { name: 'stg_lead', path: 'staging/stg_lead', tags: ['raw'] },
  { name: 'stg_list', path: 'staging/stg_list', tags: ['raw'] },
  { name: 'pair', path: 'dedupe/pair', tags: [] },
  { name: 'cluster', path: 'dedupe/cluster', tags: ['core'] },
  { name: 'load_merge', path: 'load/load_merge', tags: ['contract', 'core'] },
  { name: 'lead', path: 'mart/lead', tags: ['published'] },
]

const graph = graphOf(
  new Map([
    ['stg_lead', []],
    ['stg_list', []],
    ['pair', ['stg_lead', 'stg_list']],
    ['cluster', ['pair']],
    ['load_merge', ['cluster']],
    ['lead', ['stg_lead', 'cluster']],
  ]),
)

function selected(select: string[], exclude: string[] = []): string {
  return selectModels({ select, exclude }, models, graph).join(' ')
}

function refusal(select: string[], exclude: string[] = []): string {
  try {
    selected(select, exclude)
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error
    expect(error.exit).toBe(exitCode.badInput)
    return error.message
  }
  throw new Error('nothing was refused')
}

const all = 'stg_lead stg_list pair cluster lead load_merge'

describe('a selection', () => {
  it.each([
    ['cluster', 'cluster'],
    ['+cluster', 'stg_lead stg_list pair cluster'],
    ['1+cluster', 'pair cluster'],
    ['2+cluster', 'stg_lead stg_list pair cluster'],
    ['cluster+', 'cluster lead load_merge'],
    ['pair+1', 'pair cluster'],
    ['+cluster+', all],
    ['1+cluster+1', 'pair cluster lead load_merge'],
    ['0+cluster+0', 'cluster'],
    ['tag:core', 'cluster load_merge'],
    ['tag:c*', 'cluster load_merge'],
    ['1+tag:contract', 'cluster load_merge'],
    ['path:models/staging', 'stg_lead stg_list'],
    ['path:models/staging/', 'stg_lead stg_list'],
    ['path:models/mart/lead.sql', 'lead'],
    ['path:models', all],
    ['stg_*', 'stg_lead stg_list'],
    ['*lead', 'stg_lead lead'],
    ['le?d', 'lead'],
    ['*', all],
    ['dedupe', 'pair cluster'],
    ['dedupe.cluster', 'cluster'],
  ])('%s means %s', (select, expected) => {
    expect(selected([select])).toBe(expected)
  })

  it("of several arguments or words is their union, in the graph's order", () => {
    expect(selected(['lead', 'pair'])).toBe('pair lead')
    expect(selected(['lead pair'])).toBe('pair lead')
    expect(selected([' lead  pair ', 'lead'])).toBe('pair lead')
  })

  it('of parts with commas is what they have in common', () => {
    expect(selected(['+load_merge,tag:core'])).toBe('cluster load_merge')
    expect(selected(['+lead,path:models/staging lead'])).toBe(
      'stg_lead stg_list lead',
    )
  })

  it('of nothing is every model', () => {
    expect(selected([])).toBe(all)
    expect(selected([], ['tag:raw'])).toBe('pair cluster lead load_merge')
  })

  it('leaves out what is excluded', () => {
    expect(selected(['+cluster'], ['stg_*'])).toBe('pair cluster')
    expect(selected(['+cluster'], ['stg_list pair'])).toBe('stg_lead cluster')
    expect(selected(['+cluster'], ['tag:raw,stg_list'])).toBe(
      'stg_lead pair cluster',
    )
  })

  it.each([
    ['clutser', 'Did you mean "cluster"?'],
    ['tag:contrat', 'Did you mean "contract"?'],
    ['path:models/dedup', 'Did you mean "models/dedupe"?'],
    ['lead clutser', 'Did you mean "cluster"?'],
    ['zzzzzzzzzz', 'There is '],
    ['zz*', 'matches no model'],
    ['clus.er', 'matches no model'],
    ['lead,pair', 'none in common'],
    ['taag:core', 'Did you mean "tag"?'],
    ['state:modified', 'Known are tag:NAME and path:FOLDER'],
    ['@lead', 'matches no model'],
    ['le+ad', 'cannot be read'],
    ['+', 'cannot be read'],
    ['2lead+x', 'cannot be read'],
    ['lead,', 'cannot be read'],
  ])('%s is refused: %s', (select, said) => {
    expect(refusal([select])).toContain(said)
  })

  it('is refused where a part of it matches nothing, excluded ones too', () => {
    expect(refusal(['lead'], ['nothing_like_it'])).toContain('matches no model')
  })

  it('is refused where the excluded leaves nothing', () => {
    expect(refusal(['lead'], ['lead'])).toContain('does not exclude')
  })
})
