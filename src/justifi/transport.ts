import http from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import axios, { type AxiosError, AxiosHeaders, type AxiosResponse } from 'axios'
import type { Answer } from './answer.ts'
import { type HttpRequest, nameOf } from './call.ts'
import { JustifiUnansweredError, JustifiUnreachableError } from './errors.ts'

export type Transport = {
  /**
   * One request and its whole answer, whatever its status.
   *
   * @throws JustifiUnreachableError where no connection stood, so nothing was sent
   * @throws JustifiUnansweredError where it was sent and no whole answer came back
   */
  send(request: HttpRequest): Promise<Answer>
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

const HEADERS = {
  Accept: 'application/json',
  'Accept-Encoding': 'identity',
  'User-Agent': 'justifi-checkout',
}

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

  // An axios instance merges config and headers anew for each request, which takes longer than all
  // the rest of it; so the settings are merged here, once, and its adapter is called with them.
  const request = axios.getAdapter('http')
  const settings = {
    httpAgent,
    httpsAgent,
    proxy: false,
    maxRedirects: 0,
    decompress: false,
    maxContentLength: limits.maxAnswerBytes,
    timeout: limits.firstByteMs,
    responseType: 'text',
    // Every status is an answer, judged elsewhere.
    validateStatus: null,
    transitional: { clarifyTimeoutError: true },
  } as const

  async function exchange({ method, path, headers, body, signal }: HttpRequest): Promise<Answer> {
    const response = await request({
      ...settings,
      method,
      url: apiUrl + path,
      headers: AxiosHeaders.from({ ...HEADERS, ...headers }),
      data: body,
      signal,
    })
    return answerOf(response)
  }

  async function send(wanted: HttpRequest): Promise<Answer> {
    // The adapter would still send it.
    if (wanted.signal.aborted) throw new JustifiUnreachableError(`${nameOf(wanted)}: given up`)
    let sent = false
    try {
      return await exchange(wanted).catch((error: AxiosError) => {
        if (!isStaleConnection(error)) throw error
        sent = true
        return exchange(wanted)
      })
    } catch (error) {
      if (!axios.isAxiosError(error)) throw error
      sent ||= connected.has(error.request?.socket ?? error)
      throw failureOf(error, wanted, sent)
    }
  }

  return { send }
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
function failureOf(error: AxiosError, request: HttpRequest, sent: boolean): Error {
  const message = `${nameOf(request)} failed: ${reasonOf(error)}`
  return sent ? new JustifiUnansweredError(message) : new JustifiUnreachableError(message)
}

function reasonOf(error: AxiosError): string {
  if (axios.isCancel(error)) return 'given up'
  if (error.message.startsWith('maxContentLength')) return 'the answer is too large'
  if (error.code === 'ERR_BAD_RESPONSE') return 'the answer was cut short'
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
