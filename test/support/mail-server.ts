import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { SMTPServer } from 'smtp-server'

/** A mail as a mail program shows it. */
export type ReceivedMail = {
  from: string
  to: string[]
  /** By their names in lower case. A name that comes twice has its values in a row. */
  headers: Map<string, string[]>
  subject: string
  messageId: string
  text: string
  html: string
  /** As it came over the line. */
  raw: string
}

/** A real SMTP server on loopback, which keeps what it takes. */
export class MailServer {
  readonly received: ReceivedMail[] = []
  /** What to answer to a recipient instead of yes, such as `550 5.1.1 …`. */
  refusal: { code: number; text: string } | undefined
  /** Does something once a mail is taken, before the sender is told. Throws: the answer is a no. */
  onTaken: (mail: ReceivedMail) => unknown = () => {}
  readonly #server: SMTPServer

  private constructor() {
    this.#server = new SMTPServer({
      disabledCommands: ['AUTH', 'STARTTLS'],
      logger: false,
      closeTimeout: 100,
      onRcptTo: (_address, _session, done) => {
        if (!this.refusal) return done()
        const { code, text } = this.refusal
        done(Object.assign(new Error(text), { responseCode: code }))
      },
      onData: async (stream, session, done) => {
        const mail = parse(await buffer(stream))
        const { mailFrom, rcptTo } = session.envelope
        mail.from = mailFrom ? mailFrom.address : ''
        mail.to = rcptTo.map(({ address }) => address)
        this.received.push(mail)
        try {
          await this.onTaken(mail)
          done()
        } catch (error) {
          done(Object.assign(error as Error, { responseCode: 451 }))
        }
      },
    })
    // A sender that is killed leaves its connection broken.
    this.#server.on('error', () => {})
  }

  /** @param port 0 picks a free one */
  static async open(port = 0): Promise<MailServer> {
    const server = new MailServer()
    const listening = server.#server.listen(port, '127.0.0.1')
    await once(listening, 'listening')
    return server
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port
  }

  /** For `SMTP_URL`. */
  get url(): string {
    return `smtp://127.0.0.1:${this.port}`
  }

  close(): Promise<void> {
    return new Promise((done) => this.#server.close(() => done()))
  }
}

function parse(bytes: Buffer): ReceivedMail {
  const raw = bytes.toString('utf8')
  const { headers, body } = split(raw)
  const boundary = /boundary="([^"]+)"/.exec(headers.get('content-type')?.[0] ?? '')?.[1]
  const parts = body.split(`--${boundary}`).map((part) => split(part.replace(/^\r\n/, '')))

  const ofType = (type: string) => {
    const found = parts.find((part) => part.headers.get('content-type')?.[0]?.startsWith(type))
    return found ? decodeBody(found) : ''
  }
  return {
    from: '',
    to: [],
    headers,
    subject: decodeWords(headers.get('subject')?.[0] ?? ''),
    messageId: headers.get('message-id')?.[0] ?? '',
    text: ofType('text/plain'),
    html: ofType('text/html'),
    raw,
  }
}

type Part = { headers: Map<string, string[]>; body: string }

function split(text: string): Part {
  const end = text.indexOf('\r\n\r\n')
  const headers = new Map<string, string[]>()
  for (const line of text
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()])
  }
  return { headers, body: text.slice(end + 4) }
}

function decodeBody({ headers, body }: Part): string {
  const encoding = headers.get('content-transfer-encoding')?.[0]
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8')
  const text = encoding === 'quoted-printable' ? decodeQuoted(body.replace(/=\r\n/g, '')) : body
  return text.replaceAll('\r\n', '\n')
}

function decodeQuoted(text: string): string {
  const bytes = text.replace(/=([0-9A-F]{2})/g, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

/** `=?UTF-8?Q?…?=` and `=?UTF-8?B?…?=`: RFC 2047. */
function decodeWords(header: string): string {
  return header
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([qb])\?([^?]*)\?=/gi, (_, kind: string, text: string) =>
      kind.toLowerCase() === 'b'
        ? Buffer.from(text, 'base64').toString('utf8')
        : decodeQuoted(text.replaceAll('_', ' ')),
    )
}
