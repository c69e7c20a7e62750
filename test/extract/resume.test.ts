import { describe, expect, it } from 'vitest'
import type { Marketo } from '../../src/marketo/api.js'
import { landedIds, pipelineOf, Setup, temporaryFolder } from './setup.js'

const pipeline = pipelineOf({ extract: { fields: [], start: '2026-10-10' } })

class Crash extends Error {}

/** A client after whose nth answer the process is gone: nothing is heard. */
function crashing(marketo: Marketo, nth: number): Marketo {
  let calls = 0
  const heard = async <R>(answer: Promise<R>): Promise<R> => {
    const found = await answer
    calls += 1
    if (calls >= nth) throw new Crash()
    return found
  }
  return {
    ...marketo,
    createExport: (request) => heard(marketo.createExport(request)),
    enqueueExport: (id) => heard(marketo.enqueueExport(id)),
    exportJob: (id) => heard(marketo.exportJob(id)),
    exportJobs: () => heard(marketo.exportJobs()),
    downloadExport: (id, from) => heard(marketo.downloadExport(id, from)),
  }
}

describe('an extract that was killed', () => {
  it('after any step is finished by the next run, no window exported twice', async () => {
    const setup = await Setup.start()
    const whole = await setup.extract({ pipeline })
    const ids = await landedIds(whole)
    const steps = setup.events.length
    expect(steps).toBeGreaterThan(12)
    for (let step = 0; step < steps - 1; step += 1) {
      const folder = temporaryFolder()
      const before = (await setup.world()).jobs.length
      let events = 0
      const killed = setup.extract({
        pipeline,
        folder,
        emit: () => {
          events += 1
          if (events > step) throw new Crash()
        },
      })
      await expect(killed).rejects.toThrow(Crash)
      const extract = await setup.extract({ pipeline, folder })
      expect.soft(await landedIds(extract), `step ${step}`).toEqual(ids)
      const { jobs } = await setup.world()
      expect.soft(jobs.length - before, `step ${step}`).toBe(extract.jobs)
    }
  })

  it('after any answer of Marketo is finished by the next run, no window exported twice', async () => {
    const setup = await Setup.start()
    const whole = await setup.extract({ pipeline })
    const ids = await landedIds(whole)
    let crashed = 0
    for (let call = 1; call <= 14; call += 1) {
      const folder = temporaryFolder()
      const before = (await setup.world()).jobs.length
      const marketo = crashing(setup.marketo, call)
      const killed = setup.extract({ pipeline, folder, marketo })
      const error = await killed.then(
        () => null,
        (thrown: unknown) => thrown,
      )
      if (error instanceof Crash) crashed += 1
      if (error === null) break
      const extract = await setup.extract({ pipeline, folder })
      expect.soft(await landedIds(extract), `call ${call}`).toEqual(ids)
      const { jobs } = await setup.world()
      expect.soft(jobs.length - before, `call ${call}`).toBe(extract.jobs)
    }
    expect(crashed).toBeGreaterThan(8)
  })
})
