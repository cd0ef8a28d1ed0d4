import { type Round, startLoop } from '../background-loop.ts'
import { DAY, HOUR, later, MINUTE, SECOND } from '../clock.ts'
import type { AppContext } from '../context.ts'
import { composeMail } from './compose-mail.ts'
import { type Mailer, MailNotSentError, type NotSent } from './mailer.ts'
import { leaseDueMails, markSent, putBack, type StoredMail } from './queries.ts'

type Context = Pick<AppContext, 'db' | 'clock' | 'log' | 'metrics' | 'publicUrl' | 'linkTokens'>

/** Mails sent at once, each over a connection of its own. */
const BATCH = 4
/** For one mail, from the first byte to the last, however slowly the server answers. */
const SEND_TIMEOUT = MINUTE
/** Well beyond that. An instance that dies holds its mails for no longer. */
const LEASE = 5 * MINUTE
/** What is on its way when the process ends is given so long. */
const LAST_WORDS = 4 * SECOND

const FIRST_GAP = 30 * SECOND
const LONGEST_GAP = 6 * HOUR
/** A mailbox that is refused may be mended, though hardly in an hour. */
const GAP_AFTER_REFUSAL = DAY
/** Older news is no news: it stays in the outbox, unsent. */
const TRIED_FOR = 7 * DAY

/**
 * Sends what is put down in the outbox, as long as it runs. Each mail is leased before it is sent,
 * so every instance may run this; one that is interrupted between the server's yes and the note of
 * it is sent again, with the same Message-ID.
 *
 * @returns a function that stops it, after the mails that are on their way
 */
export function deliverMails(
  ctx: Context,
  mailer: Mailer,
  intervalMs: number,
): () => Promise<void> {
  const cutting = new AbortController()
  const stop = startLoop(() => deliverDueMails(ctx, mailer, cutting.signal), {
    name: 'mails',
    intervalMs,
    log: ctx.log,
  })

  return async () => {
    const cut = setTimeout(() => cutting.abort(), LAST_WORDS)
    await stop()
    clearTimeout(cut)
  }
}

/** One round: a few of the mails that are due. */
export async function deliverDueMails(
  ctx: Context,
  mailer: Mailer,
  cutting: AbortSignal = new AbortController().signal,
): Promise<Round> {
  const now = ctx.clock.now()
  const due = await leaseDueMails(ctx.db, BATCH, now, later(now, LEASE))
  const results = await Promise.all(due.map((mail) => deliverOne(ctx, mailer, mail, cutting)))

  for (const [index, result] of results.entries()) {
    ctx.metrics.mails.inc({ kind: due[index]?.kind ?? '', result })
  }
  // The others are left to their turn while no server takes them: each try would put them off.
  return { more: due.length === BATCH, answered: !results.includes('unreachable') }
}

type Result = 'sent' | Failure | 'too_old' | 'unnoted'
type Failure = NotSent | 'unmade'

async function deliverOne(
  ctx: Context,
  mailer: Mailer,
  mail: StoredMail,
  cutting: AbortSignal,
): Promise<Result> {
  const about = { mail: mail.id, kind: mail.kind, attempts: mail.attempts }
  try {
    if (ctx.clock.now() > later(mail.createdAt, TRIED_FOR)) {
      ctx.log.error(about, 'a mail could not be sent for days; it stays in the outbox')
      await putBack(ctx.db, mail, mail.lastError ?? 'too_old', null)
      return 'too_old'
    }
    return await send(ctx, mailer, mail, cutting)
  } catch (err) {
    ctx.log.error({ ...about, err }, 'what became of a mail was not noted; its lease runs out')
    return 'unnoted'
  }
}

async function send(
  ctx: Context,
  mailer: Mailer,
  mail: StoredMail,
  cutting: AbortSignal,
): Promise<Result> {
  try {
    const made = await composeMail(ctx, mail)
    await mailer.send(made, AbortSignal.any([cutting, AbortSignal.timeout(SEND_TIMEOUT)]))
  } catch (err) {
    const failure = err instanceof MailNotSentError ? err.outcome : 'unmade'
    const error = err instanceof MailNotSentError ? `${failure}: ${err.message}` : failure
    const about = { mail: mail.id, kind: mail.kind, attempts: mail.attempts }
    const level = failure === 'unmade' ? 'error' : 'warn'
    ctx.log[level]({ ...about, err }, 'a mail was not sent; it is kept')
    await putBack(ctx.db, mail, error, nextTryAt(mail.attempts, failure, ctx.clock.now()))
    return failure
  }
  await markSent(ctx.db, mail, ctx.clock.now())
  return 'sent'
}

/**
 * When a mail is tried again: after half a minute first, then in gaps that double, up to six hours;
 * each day where the server refused it. Shortened by up to a fifth at random, so that what failed
 * together spreads out.
 */
export function nextTryAt(
  attempts: number,
  failure: Failure,
  now: Date,
  random: () => number = Math.random,
): Date {
  const growing = Math.min(FIRST_GAP * 2 ** Math.min(attempts - 1, 20), LONGEST_GAP)
  const gap = failure === 'refused' ? GAP_AFTER_REFUSAL : growing
  return later(now, gap * (1 - random() / 5))
}
