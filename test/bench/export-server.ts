/** Serves one finished export as Marketo does: `export-server.js FILE`. */
import { createReadStream, statSync } from 'node:fs'
import { createServer } from 'node:http'

const [file = ''] = process.argv.slice(2)
const { size } = statSync(file)

const server = createServer((request, response) => {
  const path = request.url ?? ''
  if (path.endsWith('/file.json')) {
    response.setHeader('content-type', 'text/csv;charset=UTF-8')
    response.setHeader('content-length', size)
    createReadStream(file, { highWaterMark: 1 << 20 }).pipe(response)
    return
  }
  const token = { access_token: 't', token_type: 'bearer', expires_in: 3599 }
  const answer = path.startsWith('/identity/')
    ? token
    : { requestId: 'a1#1', success: true, result: [] }
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(answer))
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : null
  process.stdout.write(`http://127.0.0.1:${port}\n`)
})
