import { DAY, HOUR, MINUTE, SECOND } from '../clock.ts'
import { type Answer, jsonOf, shaped } from './answer.ts'
import { type HttpRequest, JSON_BODY } from './call.ts'
import {
  JustifiCredentialsError,
  JustifiError,
  JustifiRefusedError,
  JustifiUnansweredError,
  JustifiUnreachableError,
} from './errors.ts'
import { TokenAnswer } from './wire.ts'

/** As JustiFi grants it: it seldom says for how long. */
export type Grant = { value: string; expiresInSeconds: number | undefined }

export type AccessToken = {
  readonly value: string
  /** On the process's monotonic clock, in milliseconds. */
  readonly renewAfter: number
  readonly endsAt: number
  /** When it was asked for because another was refused: its own refusal leads no further. */
  readonly replacedAt: number | undefined
  /** Some call was answered with it. */
  accepted: boolean
}

export type AccessTokens = {
  /** The token in use, while it lives. Has it renewed in the background when its end is near. */
  usable(): AccessToken | undefined
  /** A new token. Callers at the same time share one request. */
  renew(): Promise<AccessToken>
  /**
   * The token to use after JustiFi answered 401 to this one: the newer one that is there already,
   * or a new one.
   */
  replace(refused: AccessToken): Promise<AccessToken>
}

const LIFETIME_MS = DAY
const RENEW_AHEAD_MS = HOUR
const MARGIN_MS = MINUTE
const RETRY_AHEAD_MS = 30 * SECOND

/**
 * Keeps one access token for all calls. Its age is measured on the monotonic clock, so neither a
 * wrong clock here nor one that is turned makes a dead token look alive; a token that JustiFi ends
 * early is noticed by its 401.
 *
 * Credentials that were refused are not tried again for `refusalMs`.
 *
 * @param requestToken asks JustiFi; throws JustifiCredentialsError where it refuses
 */
export function createAccessTokens(
  requestToken: () => Promise<Grant>,
  refusalMs: number,
): AccessTokens {
  let current: AccessToken | undefined
  let pending: Promise<AccessToken> | undefined
  let refusal: { message: string; until: number } | undefined
  let nextTryAhead = 0

  function usable(): AccessToken | undefined {
    const now = performance.now()
    if (!current || now >= current.endsAt) return undefined
    if (now >= current.renewAfter && now >= nextTryAhead && !pending) {
      nextTryAhead = now + RETRY_AHEAD_MS
      // The token in use is still good; a failure shows at its end, or at the next try.
      renew().catch(() => undefined)
    }
    return current
  }

  function renew(replacing = false): Promise<AccessToken> {
    if (refusal && performance.now() < refusal.until) {
      return Promise.reject(new JustifiCredentialsError(refusal.message))
    }
    pending ??= requestToken()
      .then((grant) => keep(grant, replacing))
      .catch(remember)
      .finally(() => {
        pending = undefined
      })
    return pending
  }

  function keep(grant: Grant, replacing: boolean): AccessToken {
    const now = performance.now()
    const lifeMs = grant.expiresInSeconds ? grant.expiresInSeconds * SECOND : LIFETIME_MS
    refusal = undefined
    current = {
      value: grant.value,
      endsAt: now + lifeMs - Math.min(MARGIN_MS, lifeMs / 10),
      renewAfter: now + lifeMs - Math.min(RENEW_AHEAD_MS, lifeMs / 4),
      replacedAt: replacing ? now : undefined,
      accepted: false,
    }
    return current
  }

  function remember(error: unknown): never {
    if (error instanceof JustifiCredentialsError) {
      refusal = { message: error.message, until: performance.now() + refusalMs }
    }
    throw error
  }

  function replace(refused: AccessToken): Promise<AccessToken> {
    if (current && current !== refused) return Promise.resolve(current)
    if (isHopeless(refused)) {
      return Promise.reject(new JustifiCredentialsError('JustiFi refuses the token it has granted'))
    }
    current = undefined
    return renew(true)
  }

  /** Asked for after a 401, and never taken since: another would fare no better for now. */
  function isHopeless({ accepted, replacedAt }: AccessToken): boolean {
    return !accepted && replacedAt !== undefined && performance.now() < replacedAt + refusalMs
  }

  return { usable, renew: () => renew(), replace }
}

const readToken = shaped(TokenAnswer, 'an access token')

/**
 * POST /oauth/token.
 *
 * @throws JustifiCredentialsError where JustiFi does not know the credentials: 404 and 401 are
 *   both documented for it
 * @throws JustifiUnreachableError where no token came for another reason
 */
export async function requestToken(
  send: (request: HttpRequest) => Promise<Answer>,
  credentials: { clientId: string; clientSecret: string },
  signal: AbortSignal,
): Promise<Grant> {
  const { clientId, clientSecret } = credentials
  try {
    const answer = await send({
      method: 'POST',
      path: '/oauth/token',
      headers: JSON_BODY,
      body: Buffer.from(JSON.stringify({ client_id: clientId, client_secret: clientSecret })),
      signal,
    })
    return readToken(jsonOf(answer, 'POST /oauth/token'))
  } catch (error) {
    throw noToken(error)
  }
}

/** JustiFi's words are left out here: they could repeat what was sent, which is the secret. */
function noToken(error: unknown): unknown {
  if (error instanceof JustifiRefusedError) {
    return new JustifiCredentialsError(`JustiFi refuses the client id and secret: ${error.status}`)
  }
  if (!(error instanceof JustifiError) || error.outcome === 'unreachable') return error
  const status = error instanceof JustifiUnansweredError && error.status
  return new JustifiUnreachableError(`no access token: ${status || 'no usable answer'}`)
}
