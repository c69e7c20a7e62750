/** Who gets the messages: an HTTP server and a mail server on loopback. */
import { createServer as createHttp, type Server } from 'node:http'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export interface Receiver {
  readonly url: string
  /** Bodies that came, as text. */
  readonly bodies: string[]
  /** What it answers from now on. */
  answer: number
  requests: number
  close(): Promise<void>
}

export async function receiver(): Promise<Receiver> {
  const server = createHttp((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      made.requests += 1
      if (made.answer < 300) made.bodies.push(Buffer.concat(chunks).toString())
      if (made.answer === 302) response.setHeader('location', made.url)
      response.writeHead(made.answer).end('no')
    })
  })
  const port = await listening(server)
  const made: Receiver = {
    url: `http://127.0.0.1:${port}/hook/T0KEN-of-the-hook`,
    bodies: [],
    answer: 200,
    requests: 0,
    close: () => closed(server),
  }
  onTestFinished(() => made.close())
  return made
}

export interface MailServer {
  readonly url: string
  /** Whole mails, headers and all. */
  readonly mails: string[]
  readonly logins: string[]
}

/** Speaks as much SMTP as one mail takes. */
export async function mailServer(): Promise<MailServer> {
  const mails: string[] = []
  const logins: string[] = []
  const server = createServer((socket: Socket) => {
    let text = ''
    let inData = false
    const say = (line: string) => socket.write(`${line}\r\n`)
    say('220 test ESMTP')
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      for (;;) {
        const end = text.indexOf(inData ? '\r\n.\r\n' : '\r\n')
        if (end < 0) return
        const part = text.slice(0, end)
        text = text.slice(end + (inData ? 5 : 2))
        if (inData) {
          mails.push(part)
          inData = false
          say('250 kept')
        } else inData = command(part, say, socket, logins)
      }
    })
  })
  const port = await listening(server)
  onTestFinished(() => closed(server))
  const url = `smtp://me:pa55w0rd-of-mail@127.0.0.1:${port}`
  return { url, mails, logins }
}

/** True where the mail itself follows. */
function command(
  line: string,
  say: (text: string) => void,
  socket: Socket,
  logins: string[],
): boolean {
  const verb = line.slice(0, 4).toUpperCase()
  if (verb === 'EHLO') {
    say('250-test')
    say('250 AUTH PLAIN')
  } else if (verb === 'AUTH') {
    logins.push(Buffer.from(line.split(' ')[2] ?? '', 'base64').toString())
    say('235 welcome')
  } else if (verb === 'DATA') say('354 go on')
  else if (verb === 'QUIT') {
    say('221 bye')
    socket.end()
  } else say('250 ok')
  return verb === 'DATA'
}

async function listening(server: Server | ReturnType<typeof createServer>) {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return (server.address() as AddressInfo).port
}

async function closed(server: Server | ReturnType<typeof createServer>) {
  if (!server.listening) return
  if ('closeAllConnections' in server) server.closeAllConnections()
  await new Promise((done) => server.close(done))
}
