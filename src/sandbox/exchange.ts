import { setTimeout as wait } from 'node:timers/promises'
import type { Request, RequestHandler, Response } from 'express'
import type { Fault } from './faults/faults.ts'
import { type Answer, cut, jsonAnswer, transmit } from './faults/transmit.ts'
import type { LoggedRequest } from './request-log.ts'
import type { Sandbox } from './sandbox.ts'

/** One call and what is known of it before it is worked on. */
export type Exchange = {
  requestId: string
  logged: LoggedRequest
  fault: Fault | undefined
}

export function exchangeOf(res: Response): Exchange {
  return res.locals.exchange
}

/** Writes every call down, and lets the faults that forbid any work have their way. */
export function beginExchange(sandbox: Sandbox): RequestHandler {
  return (req, res, next) => {
    const exchange: Exchange = {
      requestId: sandbox.ids.next('req'),
      logged: sandbox.requests.add({
        method: req.method,
        path: req.path,
        idempotency_key: req.get('idempotency-key') ?? null,
        sub_account: req.get('sub-account') ?? null,
      }),
      fault: sandbox.faults.take(req.method, req.path),
    }
    res.locals.exchange = exchange
    res.setHeader('request-id', exchange.requestId)

    switch (exchange.fault?.kind) {
      case 'status':
        return respond(sandbox, res, statusAnswer(exchange.fault))
      case 'redirect':
        return respond(sandbox, res, elsewhere(req))
      case 'reset':
        return cut(res)
      case 'hang':
        return
      default:
        next()
    }
  }
}

/** Waits where a fault says so. */
export async function delayed({ fault }: Exchange): Promise<void> {
  if (fault?.kind === 'delay') await wait(fault.delay_ms ?? 0, undefined, { ref: false })
}

/** Ends an exchange, with the sandbox's time in its Date. */
export function respond(sandbox: Sandbox, res: Response, earned: Answer): void {
  const { fault, logged } = exchangeOf(res)
  const answer = fault?.kind === 'status_after' ? statusAnswer(fault) : earned
  res.setHeader('date', sandbox.clock.now().toUTCString())
  const unanswered = fault?.kind === 'reset_after' || fault?.kind === 'hang_after'
  if (!unanswered) logged.status = fault?.kind === 'html' ? 200 : answer.status
  transmit(res, answer, fault)
}

const CODES: Record<number, string> = {
  400: 'bad_request',
  401: 'not_authenticated',
  403: 'not_authorized',
  404: 'resource_not_found',
  409: 'idempotency_request_in_progress',
  429: 'gateway_rate_limit_error',
}

function statusAnswer({ status = 500, headers = {} }: Fault): Answer {
  const code = CODES[status] ?? (status >= 500 ? 'internal_server_error' : 'parameter_invalid')
  const answer = jsonAnswer(status, { error: { code, message: 'The sandbox was told to fail' } })
  return { ...answer, headers: { ...answer.headers, ...headers } }
}

/** Another host than the one asked, yet one where a follower would be seen in the list of calls. */
function elsewhere(req: Request): Answer {
  const host = req.hostname === 'localhost' ? '127.0.0.1' : 'localhost'
  const location = `http://${host}:${req.socket.localPort}/elsewhere`
  return { status: 302, headers: { location }, text: '' }
}
