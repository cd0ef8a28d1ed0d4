import type { Action } from './actions.ts'
import { type Snapshot, statusChanges } from './snapshot.ts'

/** What runs did and where they got to, so that one sees whether they get to where it matters. */
export class Tally {
  runs = 0
  readonly actions = new Map<string, number>()
  readonly faults = new Map<string, number>()
  /** States that orders came to, with the reasons of reviews. */
  readonly states = new Map<string, number>()
  /** Refunds, disputes, open items and mails, by their kind and end. */
  readonly facts = new Map<string, number>()

  countAction(action: Action): void {
    count(this.actions, action.do)
    if (action.do === 'fault') count(this.faults, action.fault.kind)
    if (action.do === 'crash in') this.countAction(action.action)
    if (action.do === 'at once') for (const each of action.actions) this.countAction(each)
  }

  /** A run that came to its end. */
  countRun(end: Snapshot): void {
    this.runs += 1
    for (const order of end.orders) {
      count(this.states, 'awaiting_payment')
      for (const { to, reason } of statusChanges(end, order)) {
        count(this.states, reason ? `${to}: ${reason}` : to)
      }
    }
    for (const { outcome, idempotency_key } of end.refunds) {
      count(this.facts, `refund ${outcome}, asked for ${idempotency_key ? 'here' : 'at JustiFi'}`)
    }
    for (const { status } of end.disputes) count(this.facts, `dispute ${status}`)
    for (const { kind } of end.openItems) count(this.facts, `open item ${kind}`)
    for (const { kind } of end.outbox) count(this.facts, `mail ${kind}`)
  }

  /** All of it in a few lines, the most frequent first. */
  toString(): string {
    const total = [...this.actions.values()].reduce((sum, times) => sum + times, 0)
    return [
      `${this.runs} runs to their end, ${total} actions`,
      `actions: ${listed(this.actions)}`,
      `faults: ${listed(this.faults)}`,
      `states reached: ${listed(this.states)}`,
      `facts at the end: ${listed(this.facts)}`,
    ].join('\n')
  }
}

function count(times: Map<string, number>, what: string): void {
  times.set(what, (times.get(what) ?? 0) + 1)
}

function listed(times: Map<string, number>): string {
  return [...times]
    .sort(([, a], [, b]) => b - a)
    .map(([what, often]) => `${what} ${often}`)
    .join(', ')
}
