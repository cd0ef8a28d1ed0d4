import { once } from 'node:events'
import type { RequestListener, Server } from 'node:http'
import { createConnection, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { closeServer, createHttpServer, listen } from '../src/server.ts'
import { wellFormedOnly } from '../src/web/well-formed.ts'
import { openWebContext, siteWith, type WebContext } from './support/web-context.ts'

const GET = 'GET / HTTP/1.1\r\nHost: shop.test\r\n'

let server: Server
let url: string

async function serve(app: RequestListener): Promise<void> {
  server = createHttpServer()
  url = await listen(server, { host: '127.0.0.1', port: 0 })
  server.on('request', app)
}

/** A connection, and all that came over it. */
async function connect(): Promise<{ socket: Socket; received: () => string; end: Promise<void> }> {
  const socket = createConnection(Number(new URL(url).port), '127.0.0.1')
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  socket.on('error', () => {})
  const end = once(socket, 'close').then(() => {})
  await once(socket, 'connect')
  return { socket, received: () => text, end }
}

async function exchange(bytes: string): Promise<string> {
  const { socket, received, end } = await connect()
  socket.write(bytes)
  await Promise.race([end, once(socket, 'data')])
  socket.destroy()
  await end
  return received()
}

const statusOf = (answer: string) => Number(answer.split(' ')[1])

describe('the server', () => {
  afterEach(() => closeServer(server, 0))

  it('answers 503 until it has its application', async () => {
    server = createHttpServer()
    url = await listen(server, { host: '127.0.0.1', port: 0 })
    expect((await fetch(url)).status).toBe(503)

    server.on('request', (_req, res) => res.end('ok'))

    expect((await fetch(url)).status).toBe(200)
  })

  it('says why it cannot listen', async () => {
    await serve((_req, res) => res.end('ok'))
    const { port } = new URL(url)

    await expect(
      listen(createHttpServer(), { host: '127.0.0.1', port: Number(port) }),
    ).rejects.toThrow('EADDRINUSE')
  })
})

describe('C14: the server that is asked to stop', () => {
  it('answers what is under way and takes no more', async () => {
    await serve(async (_req, res) => {
      await sleep(600)
      res.end('done')
    })
    const asked = await connect()
    asked.socket.write(`${GET}\r\n`)
    await sleep(100)

    const closed = closeServer(server, 5_000)
    await expect(fetch(url)).rejects.toThrow()
    await closed

    await asked.end
    expect(asked.received()).toMatch(/^HTTP\/1.1 200 [\s\S]*Connection: close[\s\S]*done$/)
  })

  it('answers a request that was on its way', async () => {
    await serve((_req, res) => res.end('ok'))
    const { socket, received, end } = await connect()
    socket.write(`${GET}\r\n`)
    await once(socket, 'data')

    const closed = closeServer(server, 5_000)
    socket.write(`${GET}\r\n`)
    await Promise.all([closed, end])

    expect(received().match(/HTTP\/1.1 200/g)).toHaveLength(2)
  })

  it('does not wait for connections that ask nothing', async () => {
    await serve((_req, res) => res.end('ok'))
    const [silent, halfway, kept] = await Promise.all([connect(), connect(), connect()])
    halfway.socket.write(GET)
    kept.socket.write(`${GET}\r\n`)
    await once(kept.socket, 'data')
    const startedAt = Date.now()

    await closeServer(server, 5_000)

    expect(Date.now() - startedAt).toBeLessThan(2_000)
    await Promise.all([silent.end, halfway.end, kept.end])
  })

  it('cuts what is not done by the deadline', async () => {
    await serve(() => {})
    const { socket, received, end } = await connect()
    socket.write(`${GET}\r\n`)
    await sleep(50)
    const startedAt = Date.now()

    await closeServer(server, 1_000)

    expect(Date.now() - startedAt).toBeLessThan(2_000)
    await end
    expect(received()).toBe('')
  })

  it('answers under load whatever it has begun', async () => {
    const begun: string[] = []
    const answered: string[] = []
    await serve(async (req, res) => {
      begun.push(req.url ?? '')
      await sleep(20)
      res.end('ok')
    })
    const customers = Array.from({ length: 30 }, async (_, customer) => {
      for (let n = 0; server.listening; n++) {
        const path = `/${customer}/${n}`
        const answer = await fetch(url + path).catch(() => undefined)
        if ((await answer?.text()) === 'ok') answered.push(path)
      }
    })
    while (answered.length < 100) await sleep(10)

    await Promise.all([closeServer(server, 5_000), ...customers])

    expect(answered.toSorted()).toEqual(begun.toSorted())
  })
})

describe('odd bytes', () => {
  let ctx: WebContext

  beforeEach(async () => {
    ctx = await openWebContext()
    await serve(
      siteWith(ctx, (app) => {
        app.use(wellFormedOnly)
        app.use('/', (req, res, next) => (req.path === '/' ? res.end('home') : next()))
      }),
    )
  })
  afterEach(async () => {
    await closeServer(server, 0)
    await ctx.close()
  })

  it.each([
    ['A18: two Host headers', 400, 'GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n'],
    ['A18: two equal Host headers', 400, 'GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n'],
    ['A18: no Host header', 400, 'GET / HTTP/1.1\r\n\r\n'],
    ['A18: another host', 200, 'GET / HTTP/1.1\r\nHost: evil.test\r\n\r\n'],
    ['A18: an absolute URL', 200, 'GET http://evil.test/ HTTP/1.1\r\nHost: a\r\n\r\n'],
    [
      'X13: length and chunks',
      400,
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    [
      'X13: two lengths',
      400,
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcd',
    ],
    ['X13: a bare line feed', 400, 'GET / HTTP/1.1\nHost: a\n\n'],
    ['X13: a folded header', 400, 'GET / HTTP/1.1\r\nHost: a\r\nX-A: 1\r\n 2\r\n\r\n'],
    ['X13: a space before the colon', 400, 'GET / HTTP/1.1\r\nHost: a\r\nX-A : 1\r\n\r\n'],
    [
      'X13: 20 kB of headers',
      431,
      `GET / HTTP/1.1\r\nHost: a\r\nX-A: ${'x'.repeat(20_000)}\r\n\r\n`,
    ],
    ['X13: a URL of 20 kB', 431, `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`],
    [
      'X13: 2,000 headers',
      431,
      `GET / HTTP/1.1\r\nHost: a\r\n${'X-A: 12345\r\n'.repeat(2_000)}\r\n`,
    ],
    ['X09: a NUL in the path', 400, 'GET /a%00b HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['X09: a NUL in the query', 400, 'GET /?a=%00 HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['X09: a path that climbs', 404, 'GET /../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['X09: a path that climbs in code', 404, 'GET /..%2f..%2fetc HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['X09: a backslash', 404, 'GET /..\\..\\etc HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['an unknown method', 400, 'BREW / HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['no HTTP', 400, 'hello\r\n\r\n'],
  ])('%s: answered %i', async (_name, status, bytes) => {
    expect(statusOf(await exchange(bytes))).toBe(status)
  })
})
