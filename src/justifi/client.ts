import { DelegateBackoff, handleType, retry } from 'cockatiel'
import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import { createAccessTokens, type Grant, requestToken } from './access-token.ts'
import { type Answer, jsonOf } from './answer.ts'
import { createBreaker, JustifiLeftAloneError } from './breaker.ts'
import { type Budget, createBudgets } from './budget.ts'
import {
  bodyOf,
  type Call,
  type CallOutcome,
  factsOf,
  type HttpRequest,
  nameOf,
  outcomeOf,
  requestOf,
} from './call.ts'
import { CALL_LIMITS, type CallLimits } from './call-limits.ts'
import {
  JustifiCredentialsError,
  JustifiError,
  JustifiUnansweredError,
  JustifiUnreachableError,
} from './errors.ts'
import { createTransport } from './transport.ts'

export type ClientOptions = {
  clientId: string
  clientSecret: string
  /** Origin of the API, perhaps with a path, without a slash at its end. */
  apiUrl: string
  log: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>
  clock: Clock
  limits?: Partial<CallLimits> | undefined
  /** Gives up every call, also those to come. */
  signal?: AbortSignal | undefined
  /** Told of each call once it has ended, however many tries it took. */
  onCall?: ((call: { operation: string; outcome: CallOutcome; ms: number }) => void) | undefined
}

export type JustifiClient = {
  /**
   * Calls JustiFi's API: with a living token, again after failures that pass (same key, same
   * bytes), within one budget of time.
   *
   * @returns what was read, and JustiFi's clock (the Date of the answer)
   * @throws JustifiError
   */
  call<T>(call: Call<T>): Promise<{ value: T; at: Date }>
  limits: CallLimits
}

export function createClient(options: ClientOptions): JustifiClient {
  const { log, clock, onCall } = options
  const limits = { ...CALL_LIMITS, ...options.limits }
  const transport = createTransport(options.apiUrl, limits)
  const breaker = createBreaker(limits, log)
  const startBudget = createBudgets(options.signal)
  const tokens = createAccessTokens(renewToken, limits.refusalMs)
  const retries = retry(
    handleType(FailedTry, ({ retryInMs }) => retryInMs !== undefined),
    {
      maxAttempts: limits.retries,
      backoff: new DelegateBackoff(({ result }) => {
        const failure = 'error' in result ? result.error : undefined
        return (failure instanceof FailedTry && failure.retryInMs) || 0
      }),
    },
    // A budget's own timer keeps the process for as long as a call is worth it.
  ).dangerouslyUnref()
  let warnedOfDate = false

  async function call<T>(wanted: Call<T>): Promise<{ value: T; at: Date }> {
    const budgetMs = wanted.method === 'GET' ? limits.readMs : limits.writeMs
    const progress: Progress = {
      what: nameOf(wanted),
      body: bodyOf(wanted),
      budget: startBudget(wanted.budgetMs ?? budgetMs),
      maybeDone: false,
      failure: undefined,
      giveUp: () => undefined,
    }
    return measured(wanted.operation, async () => {
      try {
        return await new Promise<{ value: T; at: Date }>((resolve, reject) => {
          progress.giveUp = reject
          retries.execute(({ attempt }) => tryOnce(wanted, progress, attempt)).then(resolve, reject)
        })
      } catch (error) {
        throw error instanceof FailedTry ? verdict(error.error, progress) : error
      } finally {
        progress.budget.end()
      }
    })
  }

  async function tryOnce<T>(wanted: Call<T>, progress: Progress, attempt: number) {
    const started = performance.now()
    const about = { operation: wanted.operation, call: progress.what, try: attempt + 1 }
    progress.failure = undefined
    try {
      const answer = await authorized(wanted, progress)
      const value = wanted.read(jsonOf(answer, progress.what))
      const { status, requestId } = answer
      log.debug({ ...about, status, requestId, ms: msSince(started) }, 'justifi answered')
      return { value, at: answer.at ?? localTime() }
    } catch (error) {
      if (!(error instanceof JustifiError)) throw error
      const retryInMs = attempt < limits.retries ? retryDelay(error, progress.budget) : undefined
      log[levelOf(error)](
        { ...about, ...factsOf(error), ms: msSince(started), retryInMs },
        error.message,
      )
      progress.maybeDone ||= error.outcome === 'unknown'
      progress.failure = new FailedTry(error, retryInMs)
      if (retryInMs !== undefined) giveUpInPause(progress, progress.failure)
      throw progress.failure
    }
  }

  /** Sends with the token in use. One that JustiFi refuses is replaced, once. */
  async function authorized<T>(wanted: Call<T>, { what, body, budget }: Progress): Promise<Answer> {
    const { signal } = budget
    let token = tokens.usable() ?? (await orGivenUp(tokens.renew(), signal))
    let answer = await send(requestOf(wanted, token, body, signal))

    if (answer.status === 401) {
      log.info({ operation: wanted.operation, call: what }, 'justifi refuses the token: renewing')
      token = await orGivenUp(tokens.replace(token), signal)
      answer = await send(requestOf(wanted, token, body, signal))
      if (answer.status === 401) {
        throw new JustifiCredentialsError(`${what} answered 401 to a new token`)
      }
    }
    token.accepted = true
    return answer
  }

  function send(request: HttpRequest): Promise<Answer> {
    return breaker.run(() => transport.send(request))
  }

  /** Shared by all who wait for a token, so its time is its own. */
  async function renewToken(): Promise<Grant> {
    const budget = startBudget(limits.readMs)
    return measured('oauth.token', () => requestToken(send, options, budget.signal)).finally(
      budget.end,
    )
  }

  function retryDelay(error: JustifiError, budget: Budget): number | undefined {
    if (!error.retryable || budget.signal.aborted || !breaker.isClosed()) return undefined
    const { minRetryDelayMs: min, maxRetryDelayMs: max } = limits
    const jitter = min + Math.random() * (max - min)
    const asked = error instanceof JustifiUnansweredError ? (error.retryAfterMs ?? 0) : 0
    const delay = Math.round(Math.max(jitter, asked))
    return delay < budget.leftMs() ? delay : undefined
  }

  async function measured<T>(operation: string, work: () => Promise<T>): Promise<T> {
    const started = performance.now()
    let outcome: CallOutcome = 'ok'
    try {
      return await work()
    } catch (error) {
      outcome = outcomeOf(error)
      throw error
    } finally {
      onCall?.({ operation, outcome, ms: performance.now() - started })
    }
  }

  function localTime(): Date {
    if (!warnedOfDate) log.warn('justifi answers without a readable Date: the local clock is used')
    warnedOfDate = true
    return clock.now()
  }

  return { call, limits }
}

/** A call on its way. */
type Progress = {
  what: string
  /** Made once, so that each try sends the same bytes. */
  body: Buffer | undefined
  budget: Budget
  /** A try was sent and not answered: whatever comes after, it may have been done. */
  maybeDone: boolean
  /** Of the last try, while no other runs. */
  failure: FailedTry | undefined
  /** Ends the call. */
  giveUp: (failure: FailedTry) => void
}

/** What the retry policy sees: not repeated where `retryInMs` is undefined. */
class FailedTry {
  readonly error: JustifiError
  readonly retryInMs: number | undefined

  constructor(error: JustifiError, retryInMs: number | undefined) {
    this.error = error
    this.retryInMs = retryInMs
  }
}

/** The policy's pause takes no signal; without this, giving up would wait for its end. */
function giveUpInPause(progress: Progress, failure: FailedTry): void {
  progress.budget.signal.addEventListener('abort', () => {
    if (progress.failure === failure) progress.giveUp(failure)
  })
}

function orGivenUp<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new JustifiUnreachableError('no access token in time'))
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp)
    work.then(resolve, reject)
  })
}

/** The last try's error; but one that never left says nothing of those before it. */
function verdict(error: JustifiError, { maybeDone }: Progress): JustifiError {
  if (!maybeDone || error.outcome !== 'unreachable') return error
  return error instanceof JustifiCredentialsError
    ? new JustifiCredentialsError(error.message, 'unknown')
    : new JustifiUnansweredError(error.message)
}

/** Contract and credentials are for an operator; calls that were not even tried are no news. */
function levelOf(error: JustifiError): 'debug' | 'warn' | 'error' {
  if (error instanceof JustifiLeftAloneError) return 'debug'
  const outcome = outcomeOf(error)
  return outcome === 'contract' || outcome === 'credentials' ? 'error' : 'warn'
}

function msSince(started: number): number {
  return Math.round(performance.now() - started)
}
