import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { pipelineJsonSchema } from '../../src/pipeline/json-schema.js'
import { loadPipeline } from '../../src/pipeline/load.js'

const committed: unknown = JSON.parse(
  readFileSync('.pipeline.schema.json', 'utf8'),
)

describe('the JSON Schema of pipeline files', () => {
  it('is committed as the validator makes it (pipeline schema)', () => {
    expect(committed).toEqual(pipelineJsonSchema())
  })

  it('completes match keys and knows no other key at the top', () => {
    expect(committed).toMatchObject({ additionalProperties: false })
    expect(JSON.stringify(committed)).toContain('"mobile_phone"')
  })

  it('is named in the first line of the demo, which loads', async () => {
    const [line] = readFileSync('pipelines/demo.yml', 'utf8').split('\n')
    expect(line).toBe(
      '# yaml-language-server: $schema=../.pipeline.schema.json',
    )
    const { pipeline } = await loadPipeline('pipelines/demo.yml', {})
    expect(pipeline.marketo.kind).toBe('sandbox')
    expect(pipeline.load.apply).toBe('auto')
    expect(pipeline.services.map(({ type }) => type)).toEqual([
      'dedupe',
      'hash',
      'domain',
    ])
  })
})
