import {
  copyFileSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RunRecord } from '../../src/run/record.js'
import { expectFailure, instance, projectFor } from './bad-world.js'

const review = ['apply: auto', 'apply: review'] as const

describe('a plan that is to be applied', () => {
  it('has to be there', async () => {
    const project = projectFor(await instance())
    const words = 'acme has no plan yet: pipeline plan acme'
    expectFailure(await project.pipeline('apply', 'acme'), 3, words)
    expectFailure(await project.pipeline('plan', 'acme', '--last'), 3, words)
    const named = ['apply', 'acme', '--plan', '0123456789ab']
    expectFailure(
      await project.pipeline(...named),
      3,
      'There is no plan 0123456789ab for acme',
      'pipeline plan acme --last',
    )
    const status = await project.pipeline('status', 'acme')
    expect(status.stdout).toContain('has not run yet: pipeline run acme')
    const log = await project.pipeline('log', 'acme')
    expectFailure(log, 3, 'has not run yet: pipeline run acme')
    const shown = await project.pipeline('show', 'acme', 'lead')
    expectFailure(shown, 3, 'no landed leads yet: pipeline extract acme')
  })

  it('waits for a person, is applied once, and then sends nothing', async () => {
    const world = await instance()
    const project = projectFor(world, review)
    const waiting = await project.run()
    expect(waiting.code).toBe(0)
    expect(waiting.stdout).toMatch(/Nothing was sent: the plan waits/)
    expect(await world.merges()).toEqual([])
    const status = await project.pipeline('status', 'acme')
    expect(status.stdout).toContain('a plan waits for approval')
    const command = /pipeline (apply acme --plan [0-9a-f]{12})/
    const [, args = ''] = command.exec(waiting.stdout) ?? []

    const applied = await project.pipeline(...args.split(' '))
    expect(applied.stderr).toBe('')
    expect(applied.code).toBe(0)
    expect(applied.stdout).toMatch(/12 duplicates merged/)
    const merges = await world.merges()
    expect(merges).toHaveLength(12)

    const [, made = ''] =
      / run (\d{8}-\d{6}-\w{4})\n/.exec(waiting.stdout) ?? []
    const again = await project.pipeline('apply', 'acme', '--plan', made)
    expect(again.code).toBe(0)
    expect(again.stdout).toMatch(/Nothing was sent: .* carried out before/)
    expect(await world.merges()).toEqual(merges)
    const plan = await project.pipeline('plan', 'acme', '--last')
    expect(plan.stdout).toContain('This plan was applied')
  })

  it('is refused where it was altered, is stale, or of another pipeline', async () => {
    const world = await instance()
    const project = projectFor(world, review)
    await project.runs()
    const [plan = ''] = project.files('plan', '.jsonl')
    const apply = () => project.pipeline('apply', 'acme')

    copyFileSync(
      project.at('pipelines/acme.yml'),
      project.at('pipelines/other.yml'),
    )
    expectFailure(
      await project.pipeline('apply', 'other', '--plan', plan),
      8,
      'made for the pipeline acme, not for other',
      'Nothing was sent',
    )

    project.rules(review, ['phone: most_recent', 'phone: oldest'])
    expectFailure(
      await apply(),
      8,
      'is refused because the rules changed since it was made',
      'make a new one with: pipeline plan acme',
    )
    project.rules(review)

    const text = readFileSync(plan, 'utf8')
    for (const altered of [
      text.replace(/"winner":"1/, '"winner":"2'),
      text.slice(0, -40),
      'garbage',
    ]) {
      expect(altered).not.toBe(text)
      writeFileSync(plan, altered)
      expectFailure(await apply(), 8, 'is not as it was written')
      const shown = await project.pipeline('plan', 'acme', '--last')
      expectFailure(shown, 8, 'is not as it was written')
    }
    // Nothing that was refused left an approval or a journal behind.
    expect(project.files('journal', '')).toEqual([])
    expect(await world.merges()).toEqual([])

    // Nor does a damaged plan keep the next run from making a good one.
    await project.runs()
    expect(project.files('plan', '.jsonl')).toHaveLength(2)
    expect((await apply()).code).toBe(0)
    expect(await world.merges()).toHaveLength(12)
  })

  it('is stopped by a guardrail, published all the same, and can be approved', async () => {
    const world = await instance()
    const project = projectFor(world, ['merges: 100', 'merges: 3'])
    const stopped = await project.pipeline('--json', '--quiet', 'run', 'acme')
    expect(stopped.code).toBe(7)
    const record = JSON.parse(stopped.stdout) as RunRecord
    expect(record).toMatchObject({
      status: 'guardrail',
      exit_code: 7,
      plan: { merges: 12, needs_approval: true },
      apply: null,
    })
    expect(record.steps.at(-1)).toMatchObject({ step: 'publish' })
    expect(statSync(project.at('warehouse/acme.duckdb')).size).toBeGreaterThan(
      0,
    )
    expect(await world.merges()).toEqual([])

    const again = await project.run()
    expect(again.code).toBe(7)
    expect(again.stdout).toMatch(
      /Nothing was sent: the plan was stopped by merges 12 over 3/,
    )
    expect(again.stdout).toContain('pipeline apply acme --plan')
    expect((await project.pipeline('apply', 'acme')).code).toBe(0)
    expect(await world.merges()).toHaveLength(12)
  })

  it('waits for one that was begun before', async () => {
    const world = await instance()
    const project = projectFor(world)
    const denied = { kind: 'error', code: '603', match: { endpoint: 'merge' } }
    await world.fault(denied)
    expectFailure(
      await project.run(),
      5,
      '603',
      'Needed permission: Read-Write Lead',
      /applied +\d+ of \d+ rows done in Marketo; pipeline run acme goes on/,
      'not touched',
    )
    await world.heal()
    expect((await project.pipeline('plan', 'acme')).code).toBe(0)
    expectFailure(
      await project.pipeline('apply', 'acme'),
      8,
      /The plan [0-9a-f]{12} of acme was begun and is not finished/,
      'pipeline run acme takes it to its end first',
    )
    expect(await world.merges()).toEqual([])

    // The plan's file is lost: it is found by nobody, but a copy of it does.
    const [begun = ''] = project.files('journal', '.snapshot.jsonl')
    const name = basename(begun, '.snapshot.jsonl')
    const file = project.at(`warehouse/acme/plan/${name}.jsonl`)
    const copy = project.at('reviewed.jsonl')
    renameSync(file, copy)
    const lost = /begun and is not finished, and its file .* is gone/
    const back = 'pipeline apply acme --plan FILE'
    expectFailure(await project.run(), 8, lost, back)
    expectFailure(await project.pipeline('apply', 'acme'), 8, lost, back)
    await world.fault(denied)
    const named = ['apply', 'acme', '--plan', copy]
    expectFailure(await project.pipeline(...named), 5, '603')
    expect(readFileSync(file, 'utf8')).toBe(readFileSync(copy, 'utf8'))
    await world.heal()

    const { code, stdout } = await project.run()
    expect(stdout).toContain('Continuing the plan')
    expect(code).toBe(0)
    expect(await world.merges()).toHaveLength(12)
  })
})
