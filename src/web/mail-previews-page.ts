import { formatMoment } from '../local-time.ts'
import type { OutgoingMail } from '../mail/mailer.ts'
import type { StoredMail } from '../mail/queries.ts'
import { type Words, wordsFor } from '../words/words.ts'
import { type Layout, type LayoutContext, layoutFor } from './layout.ts'

export type MailPreviewsPage = {
  layout: Layout
  words: Words['mails']['previews']
  mails: MailPreview[]
}

export type MailPreview = {
  kind: string
  state: string
  trouble?: string
  /** Absent where the mail cannot be made. */
  made?: { to: string; subject: string; text: string; htmlUrl: string }
}

export const MAILS_PATH = '/dev/mails'

export function mailPreviewsPage(given: {
  ctx: LayoutContext
  mails: { stored: StoredMail; made: OutgoingMail | undefined }[]
  now: Date
}): MailPreviewsPage {
  const words = wordsFor('en').mails.previews
  return {
    layout: layoutFor({ ctx: given.ctx, page: 'dev-mails', title: words.title, noindex: true }),
    words,
    mails: given.mails.map(({ stored, made }) => ({
      kind: stored.kind,
      state: stateOf(stored, given.now, words),
      ...(stored.lastError && { trouble: words.tries(stored.attempts, stored.lastError) }),
      ...(made && {
        made: {
          to: made.to.address,
          subject: made.subject,
          text: made.text,
          htmlUrl: `${MAILS_PATH}/${stored.id}`,
        },
      }),
    })),
  }
}

function stateOf(mail: StoredMail, now: Date, words: MailPreviewsPage['words']): string {
  if (mail.sentAt) return words.sent(formatMoment(mail.sentAt, 'UTC', now))
  return mail.dueAt > now ? words.waiting(formatMoment(mail.dueAt, 'UTC', now)) : words.due
}
