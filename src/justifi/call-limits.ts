import { SECOND } from '../clock.ts'

/** How long and how often JustiFi is tried. Times in milliseconds. */
export type CallLimits = {
  /** For DNS, TCP and TLS together. */
  connectMs: number
  /** From the request to the answer's headers; afterwards, the longest silence. */
  firstByteMs: number
  /** For a reading call as a whole: every try, and the pauses between. */
  readMs: number
  /** For a writing call as a whole. */
  writeMs: number
  maxAnswerBytes: number
  /** Repeats after the first try. */
  retries: number
  /** A pause before a repeat is drawn from between these two. */
  minRetryDelayMs: number
  maxRetryDelayMs: number
  /** Failures in a row after which JustiFi is left alone for a while. */
  breakAfter: number
  /** How long at first, and at most; it doubles each time that the call after it fails too. */
  breakMs: number
  maxBreakMs: number
  /** For how long refused credentials are not tried again. */
  refusalMs: number
}

/** A customer waits in front of these. */
export const CALL_LIMITS: CallLimits = {
  connectMs: 2 * SECOND,
  firstByteMs: 5 * SECOND,
  readMs: 8 * SECOND,
  // Ten, less what the page around it takes.
  writeMs: 9.5 * SECOND,
  maxAnswerBytes: 1_000_000,
  retries: 2,
  minRetryDelayMs: 300,
  maxRetryDelayMs: 2 * SECOND,
  // Two calls with all their repeats.
  breakAfter: 6,
  breakMs: 2 * SECOND,
  maxBreakMs: 30 * SECOND,
  refusalMs: 30 * SECOND,
}
