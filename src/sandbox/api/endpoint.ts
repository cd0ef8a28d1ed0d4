import type { Request, RequestHandler, Response } from 'express'
import { type Origin, PLATFORM_ACCOUNT_ID } from '../events/events.ts'
import { delayed, exchangeOf, respond } from '../exchange.ts'
import { type Answer, jsonAnswer, jsonAnswerOf } from '../faults/transmit.ts'
import { type Claim, fingerprintOf, type KeyUse } from '../idempotency.ts'
import type { Sandbox } from '../sandbox.ts'
import { ApiError } from './api-error.ts'
import type { Query } from './pagination.ts'

/** An authenticated call of the API. */
export type ApiCall = {
  accountId: string
  /** Of the path's `:id`; empty where it has none. */
  id: string
  query: Query
  body: Buffer
  /** Answer as before the last change. Only what reads can be so told. */
  stale: boolean
  origin: Origin
}

export type ApiResult = { status: number; body: unknown }

const MAX_KEY_LENGTH = 100
export const ACCOUNT_ID = /^acc_[A-Za-z0-9_-]{1,64}$/

/** A route that reads. */
export function read(sandbox: Sandbox, handle: (call: ApiCall) => unknown): RequestHandler {
  return async (req, res) => {
    const stale = exchangeOf(res).fault?.kind === 'stale'
    const call = { ...callOf(sandbox, req, res), stale }
    await delayed(exchangeOf(res))
    respond(sandbox, res, jsonAnswer(200, handle(call)))
  }
}

/** A route that changes the books, at most once for each idempotency key. */
export function write(
  sandbox: Sandbox,
  { keyRequired }: { keyRequired: boolean },
  handle: (call: ApiCall) => ApiResult,
): RequestHandler {
  return async (req, res) => {
    const call = callOf(sandbox, req, res)
    const use = keyUseOf(req, call, keyRequired)
    const claim: Claim = use ? sandbox.idempotencyKeys.claim(use) : { kind: 'first' }

    try {
      await delayed(exchangeOf(res))
      // Also a repeat: the first answer may have failed because it could not be kept.
      const answer = sandbox.transact(() => {
        if (claim.kind !== 'first') return answerWithoutWork(claim)
        const answer = answerOf(handle, call)
        if (use) sandbox.idempotencyKeys.keep({ ...use, status: answer.status, text: answer.text })
        return answer
      })
      respond(sandbox, res, answer)
    } finally {
      if (use && claim.kind === 'first') sandbox.idempotencyKeys.release(use)
    }
  }
}

function answerWithoutWork(claim: Exclude<Claim, { kind: 'first' }>): Answer {
  switch (claim.kind) {
    case 'repeat':
      return jsonAnswerOf(claim.answer.status, claim.answer.text)
    case 'in_progress':
      throw new ApiError(
        409,
        'idempotency_request_in_progress',
        'A request with this Idempotency-Key is in progress',
      )
    case 'mismatch':
      throw new ApiError(
        422,
        'idempotency_params_mismatch',
        'This Idempotency-Key was used with other parameters',
      )
  }
}

/** A refusal of the work is an answer too: a repeat under the same key is refused the same way. */
function answerOf(handle: (call: ApiCall) => ApiResult, call: ApiCall): Answer {
  try {
    const { status, body } = handle(call)
    return jsonAnswer(status, body)
  } catch (error) {
    if (error instanceof ApiError) return jsonAnswer(error.status, error.body)
    throw error
  }
}

function callOf(sandbox: Sandbox, req: Request, res: Response): ApiCall {
  const [, token = ''] = /^Bearer (.+)$/.exec(req.get('authorization') ?? '') ?? []
  if (!sandbox.accessTokens.isValid(token)) {
    throw new ApiError(401, 'not_authenticated', 'Not Authenticated')
  }
  const { requestId } = exchangeOf(res)
  return {
    accountId: accountOf(req),
    id: String(req.params.id ?? ''),
    query: req.query,
    body: bodyOf(req),
    stale: false,
    origin: { requestId, idempotencyKey: req.get('idempotency-key') || null },
  }
}

/** Any account exists from the moment it is named; without a name the platform's own is meant. */
function accountOf(req: Request): string {
  const accountId = req.get('sub-account')
  if (accountId === undefined) return PLATFORM_ACCOUNT_ID
  if (ACCOUNT_ID.test(accountId)) return accountId
  throw new ApiError(400, 'invalid_sub_account', 'Sub-Account is not the id of a sub account')
}

/** Which key is used for which bytes; null where the caller sent none. A key belongs to an account. */
function keyUseOf(
  req: Request,
  { origin, accountId, body }: ApiCall,
  required: boolean,
): KeyUse | null {
  const key = origin.idempotencyKey
  if (key === null) {
    if (!required) return null
    throw new ApiError(400, 'idempotency_key_required', 'Idempotency-Key header is required')
  }
  if (key.length > MAX_KEY_LENGTH) {
    throw new ApiError(
      422,
      'idempotency_key_invalid',
      `Idempotency-Key must have at most ${MAX_KEY_LENGTH} characters`,
    )
  }
  return { scope: `${accountId} ${key}`, fingerprint: fingerprintOf(req.method, req.path, body) }
}

export function bodyOf(req: Request): Buffer {
  return Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0)
}
