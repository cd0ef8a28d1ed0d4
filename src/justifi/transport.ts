import http from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import axios, { type AxiosError, type AxiosResponse } from 'axios'
import type { Answer } from './answer.ts'
import { JustifiUnansweredError, JustifiUnreachableError } from './errors.ts'

export type HttpRequest = {
  method: 'GET' | 'POST' | 'PATCH'
  /** Begins with a slash, ids percent-encoded, with its query. */
  path: string
  headers: Record<string, string>
  body?: Buffer
  /** Gives up at once, wherever the request is. */
  signal: AbortSignal
}

export type Transport = {
  /**
   * One request and its whole answer, whatever its status.
   *
   * @throws JustifiUnreachableError where no connection stood, so nothing was sent
   * @throws JustifiUnansweredError where it was sent and no whole answer came back
   */
  send(request: HttpRequest): Promise<Answer>
  close(): void
}

export type TransportLimits = {
  /** For DNS, TCP and TLS together. */
  connectMs: number
  /** From the request to the answer's headers; afterwards, the longest silence. */
  firstByteMs: number
  maxAnswerBytes: number
}

const MAX_SOCKETS = 256
// Below the minute after which common load balancers drop an idle connection.
const IDLE_SOCKET_MS = 30_000

/**
 * HTTP to the one host that JustiFi's API is at, over connections that are kept. Redirects are not
 * followed, no proxy of the environment is used, compressed answers are not asked for (nor
 * expanded), certificates are always checked: the access token goes to this host and nowhere else.
 */
export function createTransport(apiUrl: string, limits: TransportLimits): Transport {
  const pool = { keepAlive: true, maxSockets: MAX_SOCKETS, timeout: IDLE_SOCKET_MS }
  const httpAgent = new http.Agent(pool)
  const httpsAgent = new https.Agent({ ...pool, rejectUnauthorized: true })
  const connected = new WeakSet<object>()
  watchConnecting(httpAgent, 'connect', limits.connectMs, connected)
  watchConnecting(httpsAgent, 'secureConnect', limits.connectMs, connected)

  const client = axios.create({
    adapter: 'http',
    baseURL: apiUrl,
    httpAgent,
    httpsAgent,
    proxy: false,
    maxRedirects: 0,
    decompress: false,
    maxContentLength: limits.maxAnswerBytes,
    timeout: limits.firstByteMs,
    responseType: 'text',
    // Bodies go out as the bytes given, and come back as the text received.
    transformRequest: [],
    transformResponse: [],
    validateStatus: () => true,
    transitional: { clarifyTimeoutError: true },
    headers: {
      Accept: 'application/json',
      'Accept-Encoding': 'identity',
      'User-Agent': 'justifi-checkout',
    },
  })

  async function exchange({ method, path, headers, body, signal }: HttpRequest): Promise<Answer> {
    const response = await client.request<string>({
      method,
      url: path,
      headers,
      signal,
      ...(body && { data: body }),
    })
    return answerOf(response)
  }

  async function send(request: HttpRequest): Promise<Answer> {
    let sent = false
    try {
      return await exchange(request).catch((error: AxiosError) => {
        if (!isStaleConnection(error)) throw error
        sent = true
        return exchange(request)
      })
    } catch (error) {
      if (!axios.isAxiosError(error)) throw error
      sent ||= connected.has(error.request?.socket ?? error)
      throw failureOf(error, request, sent)
    }
  }

  return {
    send,
    close() {
      httpAgent.destroy()
      httpsAgent.destroy()
    },
  }
}

/** Bounds the time to connect, and remembers the sockets that did. */
function watchConnecting(
  agent: http.Agent,
  ready: 'connect' | 'secureConnect',
  timeoutMs: number,
  connected: WeakSet<object>,
): void {
  const createConnection = agent.createConnection.bind(agent)

  agent.createConnection = (options, callback) => {
    const socket = createConnection(options, callback) as Socket
    const timer = setTimeout(() => socket.destroy(connectTimeout(timeoutMs)), timeoutMs)
    socket.once(ready, () => {
      clearTimeout(timer)
      connected.add(socket)
    })
    socket.once('close', () => clearTimeout(timer))
    return socket
  }
}

function connectTimeout(timeoutMs: number): Error {
  return Object.assign(new Error(`no connection within ${timeoutMs} ms`), { code: 'ETIMEDOUT' })
}

/** JustiFi closed a kept connection just as it was used again. A fresh one settles the matter. */
function isStaleConnection(error: AxiosError): boolean {
  const reused = error.request?.reusedSocket === true
  return reused && !error.response && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
}

/** What an axios error means. The error itself holds headers and token, and is left behind. */
function failureOf(error: AxiosError, { method, path }: HttpRequest, sent: boolean): Error {
  const message = `${method} ${path.split('?')[0]} failed: ${reasonOf(error)}`
  return sent ? new JustifiUnansweredError(message) : new JustifiUnreachableError(message)
}

function reasonOf(error: AxiosError): string {
  if (axios.isCancel(error)) return 'given up'
  if (error.message.startsWith('maxContentLength')) return 'the answer is too large'
  return error.code ?? 'unknown network error'
}

function answerOf({ status, data, headers }: AxiosResponse<string>): Answer {
  const at = new Date(headers.date ?? Number.NaN)
  return {
    status,
    text: data,
    at: Number.isNaN(at.getTime()) ? undefined : at,
    retryAfter: headers['retry-after'],
    shouldRetry: headers['should-retry']?.toLowerCase(),
    requestId: headers['request-id'],
  }
}
