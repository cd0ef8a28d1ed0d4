import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net'
import { SECOND } from './clock.ts'

/** A connection without a request in progress is left this long, for one that is on its way. */
const GRACE_MS = 250

const connectionsOf = new WeakMap<Server, Connections>()

/**
 * An HTTP server with an end to everything a caller can draw out: sending headers, sending a body,
 * reading the answer, or saying nothing on a connection kept alive. Give it its application with
 * `server.on('request', app)`; until then it answers 503.
 */
export function createHttpServer(): Server {
  const server = createServer({
    headersTimeout: 10 * SECOND,
    requestTimeout: 20 * SECOND,
    // Node looks for those that are over time only this often; its default is 30 seconds.
    connectionsCheckingInterval: SECOND,
    keepAliveTimeout: 5 * SECOND,
    maxHeaderSize: 16 * 1024,
  })
  server.timeout = 30 * SECOND
  server.maxConnections = 10_000
  connectionsOf.set(server, new Connections(server))
  return server
}

/**
 * @returns the URL that it listens on, with the port it was given where 0 was asked for
 * @throws Error where the address cannot be listened on
 */
export async function listen(
  server: Server,
  { host, port }: { host: string; port: number },
): Promise<string> {
  server.listen(port, host)
  await once(server, 'listening')
  const { port: given } = server.address() as AddressInfo
  return `http://${host.includes(':') ? `[${host}]` : host}:${given}`
}

/**
 * Takes no more connections (`server.listening` turns false), answers what was asked, and resolves
 * when every connection is gone: at the latest after `deadlineMs`, when the rest are cut.
 */
export async function closeServer(server: Server, deadlineMs: number): Promise<void> {
  await connectionsOf.get(server)?.close(deadlineMs)
}

/** Knows which connections are busy: Node also counts those that have not asked anything yet. */
class Connections {
  readonly #server: Server
  /** With the answers under way on each. */
  readonly #answers = new Map<Socket, Set<ServerResponse>>()
  #isClosing = false
  #isPatient = true

  constructor(server: Server) {
    this.#server = server
    server.on('connection', (socket) => {
      this.#answers.set(socket, new Set())
      socket.on('close', () => this.#answers.delete(socket))
    })
    server.on('request', ({ socket }, answer) => this.#track(socket, answer))
  }

  async close(deadlineMs: number): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#isClosing = true
    // Node's own way also cuts kept connections at once, and with them a request on its way.
    NetServer.prototype.close.call(this.#server)
    for (const answer of [...this.#answers.values()].flatMap((answers) => [...answers])) {
      if (!answer.headersSent) answer.setHeader('Connection', 'close')
    }

    const grace = setTimeout(() => this.#endIdle(), GRACE_MS)
    const deadline = setTimeout(() => this.#server.closeAllConnections(), deadlineMs)
    await closed
    clearTimeout(grace)
    clearTimeout(deadline)
  }

  #track(socket: Socket, answer: ServerResponse): void {
    const answers = this.#answers.get(socket)
    answers?.add(answer)
    answer.on('close', () => {
      answers?.delete(answer)
      if (!this.#isPatient && answers?.size === 0) socket.destroySoon()
    })
    if (this.#isClosing) answer.setHeader('Connection', 'close')
    if (this.#server.listenerCount('request') === 1) {
      answer.writeHead(503, { 'Retry-After': '1' }).end()
    }
  }

  #endIdle(): void {
    this.#isPatient = false
    for (const [socket, answers] of this.#answers) {
      if (answers.size === 0) socket.destroy()
    }
  }
}
