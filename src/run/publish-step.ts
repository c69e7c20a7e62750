import { relative } from 'node:path'
import { landReadBack } from '../extract/readback.js'
import type { LoadedPipeline } from '../pipeline/load.js'
import { type PublishedTable, publish } from '../warehouse/publish.js'
import type { Warehouse } from '../warehouse/warehouse.js'
import { rebuild } from './build-step.js'
import { metaTables } from './meta-doc.js'
import { readSources } from './own-source.js'
import { trusted } from './phase.js'
import { pipelineProject } from './project.js'
import type { Recorder } from './recorder.js'
import type { Session } from './session.js'
import { counted } from '../format.js'

/**
 * Shows readers what is true now. What a run applied is landed from the
 * read-backs first, and the models are built and tested over it.
 */
export async function publishStep(
  session: Session,
  recorder: Recorder,
  applied: { readonly readBack: string } | null,
): Promise<void> {
  const { loaded, folders, log, projectDir } = session
  const note = (text: string) => recorder.note(text)
  await recorder.step('publish', async () => {
    if (applied !== null) {
      await trusted(session, note, async (warehouse) => {
        await landReadBack(warehouse, applied.readBack)
      })
      await readSources(session, note, true)
      await rebuild(session, recorder)
    }
    const tables = await trusted(session, note, async (warehouse) => {
      const found = await publishedTables(warehouse, loaded, projectDir)
      await publish({
        from: warehouse,
        target: folders.published,
        tables: found,
      })
      return found.length
    })
    log.event('warehouse.published', { count: tables })
    const shown = relative(projectDir, folders.published)
    return { text: `${counted(tables, 'table')} · ${shown}`, result: undefined }
  })
}

/** Models tagged `published`, and the run tables, with their comments. */
async function publishedTables(
  warehouse: Warehouse,
  loaded: LoadedPipeline,
  projectDir: string,
): Promise<PublishedTable[]> {
  const project = await pipelineProject(loaded, projectDir)
  const fields = await fieldComments(warehouse)
  const models = [...project.models.values()]
    .filter(({ tags }) => tags.includes('published'))
    .map((model) => ({
      ...model.relation,
      as: model.relation,
      comment: model.description,
      columns: {
        ...(model.name === 'lead' ? fields : {}),
        ...Object.fromEntries(
          model.columns.map(({ name, description }) => [name, description]),
        ),
      },
    }))
  const meta = metaTables.map(({ name, comment, columns }) => ({
    schema: 'meta',
    name,
    as: { schema: 'meta', name },
    comment,
    columns,
  }))
  return [...models, ...meta]
}

/** Marketo's own words for its fields. */
async function fieldComments(
  warehouse: Warehouse,
): Promise<Record<string, string>> {
  const fields = await warehouse.rows<{
    name: string
    display_name: string
    data_type: string
  }>('select name, display_name, data_type from raw.field')
  return Object.fromEntries(
    fields.map(({ name, display_name, data_type }) => [
      name,
      `Marketo field ${display_name} (${data_type}).`,
    ]),
  )
}
