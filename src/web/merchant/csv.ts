import { once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Request, Response } from 'express'

/** Tells Excel that a file is UTF-8. Others take it for a part of the first column's name. */
const BYTE_ORDER_MARK = '\uFEFF'

/**
 * What a spreadsheet takes for the beginning of a formula, also in its full-width forms and after
 * blanks; a tab, CR or LF in front makes some look at what comes after it.
 */
const FORMULA = /^(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/
const PLAIN_NUMBER = /^-?\d+(?:\.\d+)?$/
const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/
/** What most cells are, which needs no closer look. */
const PLAIN = /^\w(?:[\w.@:+ -]*\w)?$/

/** One line of RFC 4180, its end included. Text that a spreadsheet would run begins with a quote. */
export function csvLine(cells: readonly (string | number | null)[]): string {
  let line = ''
  for (let at = 0; at < cells.length; at++) {
    const cell = cells[at]
    if (at > 0) line += ','
    if (typeof cell === 'number') line += cell
    else if (cell) line += PLAIN.test(cell) ? cell : csvCell(cell)
  }
  return `${line}\r\n`
}

function csvCell(text: string): string {
  const safe = FORMULA.test(text) && !PLAIN_NUMBER.test(text) ? `'${text}` : text
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export type CsvFile = {
  /** Without its ending: letters, digits, `-`. */
  name: string
  header: readonly string[]
  forExcel?: boolean
}

/**
 * Answers with a file of any length: each batch of finished lines is sent before the next is asked
 * for, as fast as the client takes it, and others get their turn in between. A client that goes
 * away ends it. Who asks for the headers alone gets those.
 */
export async function sendCsv(
  res: Response,
  { name, header, forExcel = false }: CsvFile,
  batches: AsyncIterable<string>,
): Promise<void> {
  res.setHeader('Content-Type', 'text/csv; charset=utf-8; header=present')
  res.setHeader('Content-Disposition', `attachment; filename="${name}.csv"`)
  if (isHeadersOnly(res.req)) {
    res.end()
    return
  }
  res.write((forExcel ? BYTE_ORDER_MARK : '') + csvLine(header))

  for await (const lines of batches) {
    if (!res.write(Buffer.from(lines))) await roomOrEnd(res)
    if (res.closed || res.destroyed) return
    await nextTurn()
  }
  res.end()
}

export function isHeadersOnly({ method }: Request): boolean {
  return method === 'HEAD'
}

/** Waits until the client has taken what was written, or has gone. */
async function roomOrEnd(res: Response): Promise<void> {
  if (res.closed || res.destroyed) return
  const settled = new AbortController()
  const { signal } = settled
  try {
    await Promise.race([once(res, 'drain', { signal }), once(res, 'close', { signal })])
  } finally {
    settled.abort()
  }
}
