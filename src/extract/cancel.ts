import type { Marketo } from '../marketo/api.js'
import { MarketoError } from '../marketo/error.js'

/** Cancels a job that has not finished; one that is gone needs nothing. */
export async function cancelQuietly(
  marketo: Marketo,
  exportId: string,
): Promise<void> {
  try {
    const { state } = await marketo.exportJob(exportId)
    const isOver = ['completed', 'failed', 'cancelled'].includes(state)
    if (!isOver) await marketo.cancelExport(exportId)
  } catch (error) {
    if (!(error instanceof MarketoError)) throw error
    if (!['not_found', 'no_data', 'refused'].includes(error.problem))
      throw error
  }
}
