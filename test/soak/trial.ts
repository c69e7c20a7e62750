import { PipelineError } from '../../src/error.js'
import type { Extract } from '../../src/extract/landed.js'
import { quotaReset } from '../../src/marketo/day.js'
import { Random } from '../../src/sandbox/random.js'
import type { Warehouse } from '../../src/warehouse/warehouse.js'
import type { Schedule } from './schedule.js'
import { Stage } from './stage.js'

export interface Verdict {
  readonly seed: number
  /** What is wrong, or null. */
  readonly wrong: string | null
  readonly runs: number
  readonly pauses: readonly string[]
  readonly hits: ReadonlyMap<string, number>
  readonly rejects: number
}

const fields = [
  'id',
  'createdAt',
  'email',
  'firstName',
  'leadScore',
  'lastName',
  'company',
]
/** Dirt makes another of these in a row of its file. */
const soiled = new Set(['leadScore', 'company'])
const mostRuns = 10
const minute = 60_000

/** Plays one schedule to its end and judges what was landed. */
export async function play(schedule: Schedule): Promise<Verdict> {
  const { seed, now, leads, sandbox } = schedule
  const random = new Random(seed + 1)
  const stage = await Stage.start({
    leads,
    fields,
    now,
    exportMbPerDay: 400,
    sandbox,
    random: () => random.next(),
  })
  try {
    return await new Trial(stage, schedule).play()
  } finally {
    await stage.close()
  }
}

class Trial {
  readonly #stage: Stage
  readonly #schedule: Schedule
  readonly #pauses: string[] = []
  readonly #deleted = new Set<string>()
  readonly #renamed = new Map<string, string>()
  #runs = 0

  constructor(stage: Stage, schedule: Schedule) {
    this.#stage = stage
    this.#schedule = schedule
  }

  async play(): Promise<Verdict> {
    let rejects = 0
    let wrong: string | null = null
    try {
      const found = await patient(this.#stage, this.#playToEnd())
      rejects = found.rejected
      wrong = await this.#stage.loaded(found, (lead) => this.#compare(lead))
    } catch (error) {
      wrong = error instanceof Error ? `${error.name}: ${error.stack}` : 'threw'
    }
    const { seed } = this.#schedule
    const hits = await this.#hits()
    const [runs, pauses] = [this.#runs, this.#pauses]
    return { seed, wrong, runs, pauses, hits, rejects }
  }

  async #playToEnd(): Promise<Extract> {
    const { isIncrement, faults, others, ends } = this.#schedule
    if (isIncrement) {
      await this.#runOn(mostRuns)
      await this.#changeLeads()
    }
    await this.#stage.addFaults(faults)
    if (others !== null) {
      await this.#stage.control('POST', '/sandbox/others', others)
    }
    const found = await this.#runOn(ends === null ? mostRuns : 2)
    if (ends === null) {
      if (found === null) throw new Error(`Not done: ${this.#pauses.join()}`)
      return found
    }
    this.#checkEnd(found, ends)
    await this.#stage.clearFaults()
    const healed = found ?? (await this.#runOn(mostRuns))
    if (healed === null) throw new Error(`Not healed: ${this.#pauses.join()}`)
    return healed
  }

  #checkEnd(found: Extract | null, ends: readonly string[]): void {
    const last = this.#pauses.at(-1) ?? ''
    if (found === null && ends.includes(last)) return
    throw new Error(
      `A lasting fault ended as ${found === null ? last : 'done'}, not as ${ends.join(' or ')}`,
    )
  }

  /** Runs again until it is done, or null. */
  async #runOn(most: number): Promise<Extract | null> {
    for (let run = 0; run < most; run += 1) {
      this.#runs += 1
      try {
        return await this.#stage.run()
      } catch (error) {
        if (!(error instanceof PipelineError)) throw error
        if (error.message.length < 40) throw error
        this.#pauses.push(error.code)
        await this.#wait(error)
      }
    }
    return null
  }

  async #wait({ code }: PipelineError): Promise<void> {
    const { clock } = this.#stage
    const isDaily = /quota|budget/.test(code)
    const until = isDaily ? quotaReset(clock.now()) - clock.now() : 9 * minute
    await clock.sleep(until + minute)
  }

  /** As people do in Marketo: some leads change, one goes. */
  async #changeLeads(): Promise<void> {
    const { base, clock } = this.#stage
    await clock.sleep(5 * 3_600_000)
    const random = new Random(this.#schedule.seed + 2)
    for (let change = 0; change < 4; change += 1) {
      const id = base.id(random.below(base.count))
      this.#renamed.set(id, `Changed ${change}`)
    }
    const gone = base.id(random.below(base.count))
    this.#renamed.delete(gone)
    this.#deleted.add(gone)
    await this.#stage.call('/rest/v1/leads.json', {
      action: 'updateOnly',
      lookupField: 'id',
      input: [...this.#renamed].map(([id, firstName]) => ({
        id: Number(id),
        firstName,
      })),
    })
    await this.#stage.call('/rest/v1/leads/delete.json', {
      input: [{ id: Number(gone) }],
    })
    await clock.sleep(2 * 3_600_000)
  }

  async #compare(warehouse: Warehouse): Promise<string | null> {
    const rows = await warehouse.rows<Record<string, string | null>>(
      `select ${fields.map((name) => `"${name}"`).join(', ')} from raw.lead`,
    )
    const rejects = await warehouse.rows<{ text: string; reason: string }>(
      'select text, reason from raw.reject',
    )
    const gone = await warehouse.rows<{ id: string }>(
      'select id from raw.lead_delete',
    )
    const byId = new Map(rows.map((row) => [row['id'] ?? '', row]))
    if (byId.size !== rows.length) return 'a lead is landed twice'
    if (rejects.some(({ reason }) => reason === '')) return 'no reason'
    const deleted = new Set(gone.map(({ id }) => id))
    for (const id of this.#deleted) {
      if (!deleted.has(id)) return `deleted lead ${id} is not known as such`
    }
    return this.#compareLeads(byId, setAside(rejects))
  }

  #compareLeads(
    byId: ReadonlyMap<string, Readonly<Record<string, string | null>>>,
    aside: ReadonlySet<string>,
  ): string | null {
    const { base } = this.#stage
    const isDirty = this.#schedule.classes.some((name) => /dirty/.test(name))
    const exact = fields.filter((name) => !isDirty || !soiled.has(name))
    for (let index = 0; index < base.count; index += 1) {
      const id = base.id(index)
      const row = byId.get(id)
      if (this.#deleted.has(id) || (row === undefined && aside.has(id)))
        continue
      if (row === undefined) return `lead ${id} is missing`
      const other = exact.find(
        (name) => row[name] !== this.#wanted(index, name),
      )
      if (other !== undefined) {
        return `${other} of ${id} is ${row[other]}, not ${this.#wanted(index, other)}`
      }
    }
    const alien = [...byId.keys()].find((id) => base.indexOf(id) === null)
    return alien === undefined ? null : `lead ${alien} is nobody's`
  }

  #wanted(index: number, field: string): string | null {
    const { base } = this.#stage
    const id = base.id(index)
    if (field === 'id') return id
    if (field === 'createdAt') {
      return new Date(base.createdAt(index)).toISOString().replace('.000', '')
    }
    const renamed = field === 'firstName' ? this.#renamed.get(id) : undefined
    const value = renamed ?? base.people.value(index, field)
    return value === null ? null : String(value)
  }

  /** Of the sandbox's own faults, and what others and quotas came to. */
  async #hits(): Promise<Map<string, number>> {
    const told = await this.#stage.control('GET', '/sandbox/faults')
    const hits = new Map<string, number>()
    if (typeof told === 'object' && told !== null && 'hits' in told) {
      for (const [name, count] of Object.entries(told.hits ?? {})) {
        hits.set(name, Number(count))
      }
    }
    const { codes, events } = this.#stage
    const { classes } = this.#schedule
    const put = (name: string, count: number) => {
      if (classes.includes(name)) hits.set(name, count)
    }
    const count = (code: string) => codes.get(code) ?? 0
    const waits = events.filter(
      (event) => event.type === 'wait' && event.why === 'queue',
    )
    const daily = this.#pauses.filter((code) =>
      /export_(quota|budget)/.test(code),
    )
    put('updatedAt refused (1035)', count('1035'))
    put('queue filled by others', waits.length)
    put('calls of others', count('606') + count('615'))
    put('export quota used up', daily.length)
    put('daily calls used up (607)', count('607'))
    put('clock skew', 1)
    return hits
  }
}

/** Ids of the rows that were set aside. */
function setAside(rejects: readonly { readonly text: string }[]): Set<string> {
  return new Set(
    rejects.flatMap(({ text }) => /^"?(\d+)/.exec(text)?.[1] ?? []),
  )
}

/** Real time: all waits of a schedule together are seconds. */
const patience = 90_000

async function patient<T>({ clock }: Stage, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`No end in 90 s of real time: ${clock.describe()}`))
    }, patience)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
