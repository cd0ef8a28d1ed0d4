import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { SECOND } from '../../clock.ts'
import type { Fault, FaultKind } from './faults.ts'

/** A whole answer, ready to be sent. */
export type Answer = { status: number; headers: Record<string, string>; text: string }

const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' }
const HTML_HEADERS = { 'content-type': 'text/html; charset=utf-8' }
const HUGE_BYTES = 100 * 1024 * 1024

export function jsonAnswer(status: number, value: unknown): Answer {
  return jsonAnswerOf(status, JSON.stringify(value))
}

/** An answer whose bytes are made already. */
export function jsonAnswerOf(status: number, text: string): Answer {
  return { status, headers: JSON_HEADERS, text }
}

export function htmlAnswer(status: number, text: string, headers = {}): Answer {
  return { status, headers: { ...HTML_HEADERS, ...headers }, text }
}

/** Cuts the connection as a crash would: the peer sees a reset, not an end. */
export function cut(res: ServerResponse): void {
  res.socket?.resetAndDestroy()
}

/** Sends an answer, unless a fault has something else in mind for it. */
export function transmit(res: ServerResponse, answer: Answer, fault: Fault | undefined): void {
  const misbehave = fault && MISBEHAVIOURS[fault.kind]
  if (misbehave) misbehave(res, answer, fault)
  else send(res, answer)
}

type Misbehaviour = (res: ServerResponse, answer: Answer, fault: Fault) => void

/** Kinds that are absent here have misbehaved before the work, and leave its answer alone. */
const MISBEHAVIOURS: Partial<Record<FaultKind, Misbehaviour>> = {
  reset_after: (res) => cut(res),
  hang_after: () => {},
  malformed: (res, answer) => send(res, { ...answer, text: firstHalf(answer.text) }),
  truncated: sendHalf,
  html: (res) => send(res, htmlAnswer(200, '<!doctype html><title>Maintenance</title>')),
  patch: (res, answer, fault) => send(res, patched(answer, fault.patch ?? {})),
  drip,
  huge: sendHuge,
}

function send(res: ServerResponse, answer: Answer): void {
  const body = Buffer.from(answer.text)
  res.writeHead(answer.status, { ...answer.headers, 'content-length': body.length })
  res.end(body)
}

/** Promises the whole body, sends half of it and ends the connection. */
function sendHalf(res: ServerResponse, answer: Answer): void {
  const body = Buffer.from(answer.text)
  res.writeHead(answer.status, { ...answer.headers, 'content-length': body.length })
  res.write(body.subarray(0, body.length >> 1), () => res.socket?.end())
}

/** A byte a second: never idle, and not done for a long time. */
function drip(res: ServerResponse, answer: Answer): void {
  const body = Buffer.from(answer.text)
  res.writeHead(answer.status, { ...answer.headers, 'content-length': body.length })
  res.flushHeaders()
  let sent = 0
  const timer = setInterval(() => {
    sent += 1
    if (sent < body.length) return res.write(body.subarray(sent - 1, sent))
    clearInterval(timer)
    return res.end(body.subarray(sent - 1))
  }, SECOND)
  res.on('close', () => clearInterval(timer))
}

/** Well-formed JSON without a length announced, so that only counting can stop it. */
function sendHuge(res: ServerResponse, answer: Answer): void {
  res.writeHead(answer.status, answer.headers)
  const chunk = 'a'.repeat(64 * 1024)
  function* pieces() {
    yield '{"id":null,"type":"object","data":{"padding":"'
    for (let sent = 0; sent < HUGE_BYTES; sent += chunk.length) yield chunk
    yield '"}}'
  }
  // A reader that turns away is the expected end.
  pipeline(Readable.from(pieces()), res).catch(() => {})
}

function firstHalf(text: string): string {
  return text.slice(0, Math.ceil(text.length / 2))
}

/** Changes the record of an answer, or each of a list; a token's answer has neither around it. */
function patched(answer: Answer, patch: Record<string, unknown>): Answer {
  if (answer.headers !== JSON_HEADERS) return answer
  const body = JSON.parse(answer.text)
  if ('error' in body) return answer
  return { ...answer, text: JSON.stringify(patchedBody(body, patch)) }
}

function patchedBody(body: Record<string, unknown>, patch: Record<string, unknown>): unknown {
  const { data } = body
  if (data === undefined) return merged(body, patch)
  const changed = Array.isArray(data)
    ? data.map((item: unknown) => merged(item, patch))
    : merged(data, patch)
  return { ...body, data: changed }
}

function merged(target: unknown, patch: unknown): unknown {
  if (!isPlain(target) || !isPlain(patch)) return patch
  const result = { ...target }
  for (const [key, value] of Object.entries(patch)) {
    result[key] = isPlain(value) ? merged(result[key], value) : value
  }
  return result
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
