import { once } from 'node:events'
import type { Server } from 'node:http'
import { createConnection, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { closeServer, createHttpServer, listen } from '../src/server.ts'

const GET = 'GET / HTTP/1.1\r\nHost: shop.test\r\n'

type Ending = { text: string; seconds: number }

/** All at once, since each waits for a time-out of the real server. */
describe('a connection', () => {
  let server: Server
  let url: string
  let endings: Record<'headers' | 'body' | 'kept', Promise<Ending>>

  beforeAll(async () => {
    server = createHttpServer()
    url = await listen(server, { host: '127.0.0.1', port: 0 })
    server.on('request', (req, res) => {
      if (req.method === 'POST') req.on('end', () => res.end('ok')).resume()
      else res.end('ok')
    })

    endings = {
      headers: endOf(GET, (socket) => socket.write('X-Slow: 1\r\n')),
      body: endOf(
        'POST / HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 100000\r\n\r\n',
        (socket) => socket.write('x'),
      ),
      kept: endOf(`${GET}\r\n`),
    }
  })
  afterAll(() => closeServer(server, 0))

  it('leaves others alone while it is slow', async () => {
    const startedAt = performance.now()

    expect(await (await fetch(url)).text()).toBe('ok')

    expect(performance.now() - startedAt).toBeLessThan(1_000)
  })

  it('is closed where it is kept alive for nothing', async () => {
    const { text, seconds } = await endings.kept

    expect(text).toMatch(/^HTTP\/1.1 200/)
    expect(seconds).toBeLessThan(8)
  })

  it('D01: is closed where its headers do not end', async () => {
    const { text, seconds } = await endings.headers

    expect(text).toMatch(/^HTTP\/1.1 408/)
    expect(seconds).toBeGreaterThan(9)
    expect(seconds).toBeLessThan(13)
  })

  it('D02: is closed where its body does not end', async () => {
    const { text, seconds } = await endings.body

    expect(text).toMatch(/^HTTP\/1.1 408/)
    expect(seconds).toBeLessThan(23)
  })

  /** Sends some bytes and then drips, until the server has had enough. */
  async function endOf(bytes: string, drip?: (socket: Socket) => void): Promise<Ending> {
    const socket = createConnection(Number(new URL(url).port), '127.0.0.1')
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('error', () => {})
    await once(socket, 'connect')
    const startedAt = performance.now()
    socket.write(bytes)
    const dripping = setInterval(() => drip?.(socket), 1_000)

    await once(socket, 'close')

    clearInterval(dripping)
    return { text, seconds: (performance.now() - startedAt) / 1_000 }
  }
})
