import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ejs, { type TemplateFunction } from 'ejs'
import type { Message } from './message.ts'

const TEMPLATE = join(import.meta.dirname, '../../views/mail/message.ejs')

let template: TemplateFunction | undefined

/** The mail as HTML, whole in itself: nothing is fetched when it is opened. */
export function htmlOf(message: Message): string {
  template ??= ejs.compile(readFileSync(TEMPLATE, 'utf8'), {
    filename: TEMPLATE,
    _with: false,
    localsName: 'mail',
  })
  return template(message)
}

/** The same in plain text. */
export function textOf(message: Message): string {
  const { shop, heading, text, warning, order, links, footer } = message

  return [
    [shop],
    [heading, ...text, ...(warning ? [warning] : [])],
    order ? [order.heading, ...[...order.lines, order.total, ...order.facts].map(rowText)] : [],
    ...links.map(({ label, url }) => [`${label}:`, url]),
    // What mail programs take for the beginning of a signature.
    ['-- ', ...footer],
  ]
    .filter((part) => part.length > 0)
    .map((part) => part.join('\n'))
    .join('\n\n')
    .concat('\n')
}

function rowText({ label, text }: { label: string; text: string }): string {
  return `${label}: ${text}`
}
