import type { NodemailerError, Transporter } from 'nodemailer'
import { SECOND } from '../clock.ts'

export type Mailbox = { name: string; address: string }

export type OutgoingMail = {
  /** With its angle brackets. */
  messageId: string
  to: Mailbox
  replyTo?: Mailbox
  subject: string
  text: string
  html: string
}

export type Mailer = {
  /**
   * Resolves once the server has taken the mail. Given up when `signal` is aborted: whether the
   * server took it is then unknown.
   *
   * @throws MailNotSentError
   */
  send(mail: OutgoingMail, signal: AbortSignal): Promise<void>
}

/**
 * `refused`: the server will not have this mail, now or later. `deferred`: not now. `unreachable`:
 * it takes no mail from us at all, so it says nothing about this one.
 */
export type NotSent = 'refused' | 'deferred' | 'unreachable'

/** The message names step and codes alone: a server's own words tend to hold the address. */
export class MailNotSentError extends Error {
  override name = 'MailNotSentError'
  readonly outcome: NotSent

  constructor(outcome: NotSent, message: string) {
    super(message)
    this.outcome = outcome
  }
}

const TIMEOUTS = {
  dnsTimeout: 10 * SECOND,
  connectionTimeout: 10 * SECOND,
  greetingTimeout: 10 * SECOND,
  socketTimeout: 20 * SECOND,
  socketCloseTimeout: SECOND,
}

/**
 * Sends by SMTP. nodemailer is loaded with the first mail: it takes longer than the rest of a start.
 *
 * @param smtpUrl `smtp://` (STARTTLS where the server offers it) or `smtps://`, with credentials
 * @param from as in a mail's own header, such as `Shop <no-reply@shop.example>`
 */
export function createMailer({ smtpUrl, from }: { smtpUrl: string; from: string }): Mailer {
  let loaded: Promise<Transporter> | undefined

  async function load(): Promise<Transporter> {
    const { createTransport } = await import('nodemailer')
    return createTransport({
      url: smtpUrl,
      ...TIMEOUTS,
      // A mail is text that we made. Nothing in it may make us open a file or an address.
      disableFileAccess: true,
      disableUrlAccess: true,
    })
  }

  return {
    async send(mail, signal) {
      if (!isOneAddress(mail.to.address)) {
        throw new MailNotSentError('refused', 'not an address')
      }
      loaded ??= load()
      const transport = await loaded
      const { replyTo, ...fields } = mail
      try {
        await transport.sendMail({
          ...fields,
          from,
          ...(replyTo && isOneAddress(replyTo.address) && { replyTo }),
          // Answering machines stay silent.
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
          textEncoding: 'quoted-printable',
          signal,
        })
      } catch (error) {
        throw notSent(error as NodemailerError)
      }
    },
  }
}

/** One address and nothing beside it, whoever wrote it into the database. */
function isOneAddress(text: string): boolean {
  return /^[^\s@"(),:;<>[\\\]]+@[^\s@"(),:;<>[\\\]]+$/u.test(text)
}

/** By the step of the conversation: only RCPT TO and DATA are about this mail and no other. */
function notSent(error: NodemailerError): MailNotSentError {
  const { code, originalCode, command, responseCode, permanent, response } = error
  const answer = [responseCode, enhancedCode(response)].filter(Boolean).join(' ')
  const what = answer || (originalCode ?? code ?? 'unknown error')
  const message = command && command !== 'API' ? `${what} at ${command}` : what

  if (responseCode && (command === 'RCPT TO' || command === 'DATA')) {
    return new MailNotSentError(permanent ? 'refused' : 'deferred', message)
  }
  const isConversation = code === 'EABORT' || (command !== undefined && command !== 'API')
  return new MailNotSentError(isConversation ? 'unreachable' : 'deferred', message)
}

/** Such as 5.1.1, "no such mailbox": RFC 3463. */
function enhancedCode(response: string | undefined): string | undefined {
  return /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(response ?? '')?.[1]
}
