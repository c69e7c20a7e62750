/** Each call that the product's client can make, at least once. */
import type { ExportJob, Marketo } from '../../src/marketo/api.js'

type Calls = {
  [Name in keyof Marketo]: Marketo[Name] extends (
    ...given: never[]
  ) => Promise<unknown>
    ? Name
    : never
}[keyof Marketo]

interface Found {
  job: ExportJob | null
  batch: string
  token: string
}

type Call = (marketo: Marketo, found: Found) => Promise<unknown>

const before = async () => {}
const fields = ['email', 'leadScore']

/** A call of the client that is not in here does not compile. */
const calls: Readonly<Record<Calls, Call>> = {
  schema: (marketo) => marketo.schema(),
  fieldDetails: (marketo) => marketo.fieldDetails(),
  usage: (marketo) => marketo.usage(),
  partitions: (marketo) => marketo.partitions(),
  leads: (marketo) => marketo.leads(ids(1, 700), fields),
  leadsByEmail: (marketo) => marketo.leadsByEmail(['p1@x.example'], fields),
  async lists(marketo) {
    for (const kind of ['static', 'smart'] as const) {
      await marketo.lists(kind, kind === 'static' ? 'Newsletter' : '1045')
      await marketo.lists(kind, kind === 'static' ? '1001' : 'Unsubscribed')
    }
  },
  async listFolder(marketo) {
    await marketo.listFolder('static', '1001')
    await marketo.listFolder('smart', '1045')
  },
  listsOf: (marketo) => marketo.listsOf('1'),
  membersAmong: (marketo) => marketo.membersAmong('1001', ids(1, 400)),
  joinList: (marketo) => marketo.joinList('1004', ['1', '2'], { before }),
  programsOf: (marketo) => marketo.programsOf('1'),
  statusesIn: (marketo) => marketo.statusesIn('2001', ids(1, 400)),
  joinProgram: (marketo) =>
    marketo.joinProgram({ program: '2001', status: 'Attended' }, ['1', '99'], {
      before,
    }),
  updateLeads: (marketo) =>
    marketo.updateLeads([
      { id: '1', values: { title: 'Chief', leadScore: 5, unsubscribed: true } },
      { id: '2', values: { title: null } },
    ]),
  async createLeads(marketo) {
    const records = [{ email: 'new@x.example', lastName: 'New' }]
    await marketo.createLeads({
      action: 'createOnly',
      partition: null,
      records,
      before,
    })
    await marketo.createLeads({
      action: 'createDuplicate',
      partition: 'EMEA',
      records,
      before,
    })
  },
  async mergeLeads(marketo) {
    await marketo.mergeLeads('3', ['4', '5'], { mergeInCrm: false })
    await marketo.mergeLeads('3', ['6'], { mergeInCrm: true })
  },
  async submitImport(marketo, found) {
    const text = 'id,title\n7,Chief\n999999,Nobody\n'
    const { batchId } = await marketo.submitImport({ text, hidden: [] })
    found.batch = batchId
  },
  async importJob(marketo, { batch }) {
    while ((await marketo.importJob(batch)).state !== 'complete') {
      await marketo.clock.sleep(10)
    }
  },
  async importNotes(marketo, { batch }) {
    await marketo.importNotes(batch, 'failures')
    await marketo.importNotes(batch, 'warnings')
  },
  async createExport(marketo, found) {
    const range = {
      startAt: '2020-01-01T00:00:00Z',
      endAt: '2020-01-05T00:00:00Z',
    }
    const other = await marketo.createExport({
      fields: ['id'],
      filter: { kind: 'createdAt', ...range },
    })
    await marketo.cancelExport(other.exportId)
    found.job = await marketo.createExport({
      fields: ['id', 'email'],
      filter: { kind: 'staticList', listId: '1001' },
    })
  },
  enqueueExport: (marketo, { job }) =>
    marketo.enqueueExport(job?.exportId ?? ''),
  async exportJob(marketo, { job }) {
    const { exportId = '' } = job ?? {}
    while ((await marketo.exportJob(exportId)).state !== 'completed') {
      await marketo.clock.sleep(10_000)
    }
  },
  exportJobs: (marketo) => marketo.exportJobs(),
  // Called with the other export that `createExport` makes.
  cancelExport: async () => {},
  async downloadExport(marketo, { job }) {
    for (const from of [0, 3]) {
      const { body } = await marketo.downloadExport(job?.exportId ?? '', from)
      await body.toArray()
    }
  },
  async pagingToken(marketo, found) {
    found.token = await marketo.pagingToken('2020-01-01T00:00:00Z')
  },
  activities: (marketo, { token }) => marketo.activities(token, [12, 32]),
  deletedLeads: (marketo, { token }) => marketo.deletedLeads(token),
}

function ids(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, n) => String(from + n))
}

export async function makeEveryCall(marketo: Marketo): Promise<void> {
  const found: Found = { job: null, batch: '', token: '' }
  for (const call of Object.values(calls)) await call(marketo, found)
}
