/** Server-sent events. */
import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'
import { asError } from '../error.js'
import { requestOf } from './answer.js'
import type { Bindings, Door, Visit } from './door.js'
import type { Live, LiveOut } from './page.js'

/** Streams open at once; each holds a socket and reads a file. */
const most = 50
let open = 0

export async function answerLive(
  door: Door,
  live: Live,
  visit: Visit,
  context: Context<Bindings>,
): Promise<Response> {
  const from = context.req.header('last-event-id') ?? ''
  const source = await live.open({ ...requestOf(door, visit), from })
  if (source === null) return door.missing(visit)
  const headers = { 'content-type': 'text/event-stream' }
  if (visit.knock.method === 'HEAD') return new Response(null, { headers })
  if (open >= most) {
    return new Response('Too many pages are open.', { status: 503 })
  }
  open += 1
  return streamSSE(context, async (stream) => {
    const abort = new AbortController()
    stream.onAbort(() => abort.abort())
    const out: LiveOut = {
      send: (event, data, id) =>
        stream.writeSSE({
          event,
          data: JSON.stringify(data),
          ...(id !== undefined && { id }),
        }),
    }
    try {
      await source(out, abort.signal)
    } catch (thrown) {
      if (!abort.signal.aborted) door.report(asError(thrown))
    } finally {
      open -= 1
    }
  })
}
