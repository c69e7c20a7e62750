import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { modelLines } from '../../src/command/model-view.js'
import { everyLookAlike } from '../../src/match/chance.js'
import { standardComparisons } from '../../src/match/comparison.js'
import { type MatchFile, matchVersion } from '../../src/model/match-file.js'
import {
  type LearnedModel,
  learnedModels,
} from '../../src/run/evaluate-model.js'
import { Random } from '../../src/sandbox/random.js'
import { Warehouse } from '../../src/warehouse/warehouse.js'
import { parse, dedupe } from '../pipeline/parse.js'
import { built, type Lead } from './build-file.js'

const { pipeline } = parse(dedupe('match: auto'))
const service = pipeline.services[0]?.name ?? ''

/** Of phones nothing was seen, so every level is as frequent. */
function file(certain: number): MatchFile {
  const learned = standardComparisons.map(({ name, levels }) => {
    const m = levels.map(({ prior }) => prior)
    const u =
      name === 'phone'
        ? levels.map(() => 1 / levels.length)
        : levels.map((_, level) => (level === 0 ? 0.97 : 0.01))
    const weight = m.map((each, level) => Math.log2(each / (u[level] ?? 1)))
    return { name, m, u, near: u, alike: everyLookAlike(() => m), weight }
  })
  return {
    version: matchVersion(standardComparisons),
    trained_at: '2026-11-22T00:00:00.000Z',
    services: {
      [service]: {
        leads: 5000,
        prior: 0.001,
        look_alike: everyLookAlike(() => 0.01),
        learned,
        expected: 12497.5,
        certain,
        rounds: 9,
      },
    },
  }
}

interface Block {
  readonly block: number
  readonly key: number
  readonly id: number
  readonly used: boolean
}

const leads: Lead[] = Array.from({ length: 40 }, (_, id) => ({
  id: id + 1,
  cluster: null,
  status: 'merge',
  into: null,
  entity: null,
}))

async function learnedFrom(
  blocks: readonly Block[],
  trained: MatchFile | null,
): Promise<{ models: LearnedModel[]; sure: [number, number][] }> {
  const pairs = leads.flatMap(({ id: a }) =>
    leads.flatMap(({ id: b }) =>
      a < b ? [{ a, b, probability: (a * 7 + b) % 3 === 0 ? 0.95 : 0.1 }] : [],
    ),
  )
  const folders = await built(leads, pairs)
  const warehouse = await Warehouse.open({
    path: folders.build,
    temp: folders.temp,
    sealed: true,
  })
  for (const sql of [
    `create or replace table dedupe.scored_pair as select * replace ('${service}' as service), false as is_inner from dedupe.scored_pair`,
    `create table dedupe.auto_block as select '${service}' as service, block, cast(key as uhugeint) as key, id, is_used from (values ${blocks.map((b) => `(${b.block}, ${b.key}, ${b.id}, ${b.used})`).join(', ')}) as t(block, key, id, is_used)`,
    `create table dedupe.auto_block_use as select service, block, format('same thing {}', block) as words, count(distinct key) as keys, count(*) as pairs, 0 as oversize, bool_or(is_used) as is_used from dedupe.auto_block group by all`,
  ]) {
    await warehouse.run(sql)
  }
  await warehouse.close()
  const projectDir = folders.root
  mkdirSync(join(projectDir, 'pipelines'))
  if (trained !== null) {
    writeFileSync(
      join(projectDir, 'pipelines', `${pipeline.name}.match.json`),
      JSON.stringify(trained),
    )
  }
  const models = await learnedModels({ folders, projectDir, pipeline })
  const sure = pairs
    .filter(({ probability }) => probability > 0.9)
    .map(({ a, b }): [number, number] => [a, b])
  return { models, sure }
}

/** Leads in random blocks; the last block is not used. */
function blocksOf(seed: number): Block[] {
  const chance = new Random(seed)
  return [1, 2, 3, 4].flatMap((block) =>
    leads.map(({ id }) => ({
      block,
      key: chance.below(5),
      id,
      used: block < 4,
    })),
  )
}

describe('what matching by probability learned', () => {
  it('estimates what blocks miss by how often they agree', async () => {
    const blocks = blocksOf(4)
    const { models, sure } = await learnedFrom(blocks, file(900))
    const key = new Map(blocks.map((b) => [`${b.block} ${b.id}`, b.key]))
    const ways = sure
      .map(
        ([a, b]) =>
          [1, 2, 3].filter((n) => key.get(`${n} ${a}`) === key.get(`${n} ${b}`))
            .length,
      )
      .filter((n) => n > 0)
    const once = ways.filter((n) => n === 1).length
    const two = ways.filter((n) => n === 2).length
    expect(once * two).toBeGreaterThan(0)
    const missed = (once * (once - 1)) / (2 * (two + 1))
    const [model] = models
    expect(model?.overlap?.pairs).toBe(ways.length)
    expect(model?.overlap?.twice).toBeCloseTo(1 - once / ways.length, 12)
    expect(model?.overlap?.recall).toBeCloseTo(
      ways.length / (ways.length + missed),
      12,
    )
    expect(model?.warnings).toEqual([])
    const lines = modelLines(models)
    expect(lines.filter((line) => line.includes('left out'))).toHaveLength(1)
    expect(lines.join('\n')).toMatch(/same email +│██+ +\+6\.1 +70 % +1\.0 %\n/)
    expect(lines).toContain('    no values to learn from: phone')
    expect(lines.join('\n')).toMatch(/different email +█+│ +−3\.0 /)
  })

  it('warns where the base taught little, and where it is out of date', async () => {
    const old = { ...file(3), version: 'other' }
    const { models } = await learnedFrom(blocksOf(1), old)
    expect(models[0]?.warnings).toEqual([
      expect.stringContaining('only 3 pairs are certainly one person'),
      expect.stringContaining('trained for other comparisons'),
    ])
  })

  it('is nothing before the first training', async () => {
    expect((await learnedFrom(blocksOf(1), null)).models).toEqual([])
  })
})
