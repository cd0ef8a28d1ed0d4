import { type Clock, later, SECOND } from '../../clock.ts'
import { signWebhook } from '../../justifi/webhook-signature.ts'
import { BoundedMap } from '../bounded-map.ts'
import type { IdSource } from '../id-source.ts'
import type { Journal, JournalEntry, Kept } from '../journal.ts'
import type { EventEnvelope } from '../records.ts'
import type { Events } from './events.ts'
import type { Publisher, Publishers } from './publishers.ts'
import { retryGapMs } from './retry-schedule.ts'

/** One event on its way to one publisher. */
export type Delivery = {
  id: string
  event_id: string
  event_name: string
  url: string
  /** The header that is signed. A retry carries the one of the first try. */
  timestamp: string
  status: 'pending' | 'delivered' | 'failed'
  tries: number
  next_attempt_at: string | null
  last_status: number | null
  last_error: string | null
  created_at: string
  updated_at: string
}

/** As JustiFi's guide has it. */
const ANSWER_LIMIT_MS = 5 * SECOND
const TOO_LATE = 'no answer within 5 seconds'
const AT_ONCE = 16
const LIMIT = 20_000

/** Takes events to their publishers, and remembers how that went. */
export class Deliveries implements Kept {
  readonly #deliveries = new BoundedMap<Delivery>(LIMIT)
  /** Ids to be tried now, in order. */
  #queue: string[] = []
  /** When a failed delivery is due again, by id. */
  readonly #waiting = new Map<string, number>()
  #underWay = 0
  readonly #journal: Journal
  readonly #clock: Clock
  readonly #ids: IdSource
  readonly #events: Events
  readonly #publishers: Publishers
  readonly #sending = new Set<AbortController>()
  readonly #timer: NodeJS.Timeout
  #closed = false

  constructor(
    { journal, clock, ids }: { journal: Journal; clock: Clock; ids: IdSource },
    events: Events,
    publishers: Publishers,
  ) {
    this.#journal = journal
    this.#clock = clock
    this.#ids = ids
    this.#events = events
    this.#publishers = publishers
    this.#timer = setInterval(() => this.sendDue(), SECOND).unref()
  }

  /** Notes what is to be delivered. Nothing leaves before `sendDue`. */
  add(event: EventEnvelope): void {
    for (const publisher of this.#publishers.wanting(event.event_name)) {
      if (publisher.mode === 'manual') continue
      this.#queue.push(this.#create(event, publisher).id)
    }
  }

  /** Sends what is new, and again what has become due. */
  sendDue(): void {
    const now = this.#clock.now().getTime()
    for (const [id, dueAt] of this.#waiting) {
      if (dueAt > now) continue
      this.#waiting.delete(id)
      this.#queue.push(id)
    }
    this.#drain()
  }

  /** Delivers an event once more to whoever wants it, and tells how each try ended. */
  async deliverAgain(event: EventEnvelope): Promise<Delivery[]> {
    const again = this.#publishers
      .wanting(event.event_name)
      .map((publisher) => this.#create(event, publisher))
    await Promise.all(again.map(({ id }) => this.#try(id)))
    return again.map((delivery) => this.#deliveries.get(delivery.id) ?? delivery)
  }

  all(): Delivery[] {
    return [...this.#deliveries.values()]
  }

  clear(): void {
    this.#deliveries.clear()
    this.#waiting.clear()
    this.#queue = []
  }

  restore(kind: string, value: unknown): void {
    if (kind !== 'delivery') return
    const delivery = value as Delivery
    this.#deliveries.set(delivery.id, delivery)
    if (delivery.next_attempt_at === null) this.#waiting.delete(delivery.id)
    else this.#waiting.set(delivery.id, Date.parse(delivery.next_attempt_at))
  }

  *entries(): Iterable<JournalEntry> {
    for (const delivery of this.#deliveries.values()) yield ['delivery', delivery]
  }

  close(): void {
    this.#closed = true
    clearInterval(this.#timer)
    for (const controller of this.#sending) controller.abort()
  }

  #create(event: EventEnvelope, publisher: Publisher): Delivery {
    const now = this.#clock.now().toISOString()
    const delivery: Delivery = {
      id: this.#ids.next('del'),
      event_id: event.id,
      event_name: event.event_name,
      url: publisher.url,
      timestamp: now,
      status: 'pending',
      tries: 0,
      next_attempt_at: now,
      last_status: null,
      last_error: null,
      created_at: now,
      updated_at: now,
    }
    return this.#put(delivery)
  }

  #drain(): void {
    while (this.#underWay < AT_ONCE && !this.#closed) {
      const id = this.#queue.shift()
      if (id === undefined) return
      this.#underWay += 1
      void this.#try(id)
        // The disk takes no more: what the journal missed waits for the next flush.
        .catch(() => {})
        .finally(() => {
          this.#underWay -= 1
          this.#drain()
        })
    }
  }

  async #try(id: string): Promise<void> {
    const delivery = this.#deliveries.get(id)
    if (!delivery) return
    const outcome = await this.#send(delivery)

    // Emptied or closed while the publisher was answering.
    if (!this.#deliveries.has(id) || this.#closed) return
    this.#put(this.#after(delivery, outcome))
    this.#journal.flush()
  }

  async #send({ event_id, url, timestamp }: Delivery): Promise<Outcome> {
    const event = this.#events.get(event_id)
    const publisher = this.#publishers.at(url)
    if (!event || !publisher) return { status: null, error: 'the publisher was removed' }

    const body = JSON.stringify(event)
    const controller = new AbortController()
    const timer = setTimeout(() => controller.abort(new Error(TOO_LATE)), ANSWER_LIMIT_MS)
    this.#sending.add(controller)
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'justifi-signature': signWebhook(publisher.secret, timestamp, body),
          'justifi-timestamp': timestamp,
        },
        body,
        redirect: 'manual',
        signal: controller.signal,
      })
      await response.arrayBuffer()
      return { status: response.status, error: null }
    } catch (error) {
      return { status: null, error: reasonOf(error) }
    } finally {
      clearTimeout(timer)
      this.#sending.delete(controller)
    }
  }

  /** Only 200 counts. Anything else is tried again while tries are left. */
  #after(delivery: Delivery, { status, error }: Outcome): Delivery {
    const now = this.#clock.now()
    const publisher = this.#publishers.at(delivery.url)
    const gapMs = publisher && retryGapMs(publisher.mode, delivery.tries)
    const delivered = status === 200
    const again = !delivered && gapMs !== undefined
    return {
      ...delivery,
      status: delivered ? 'delivered' : again ? 'pending' : 'failed',
      tries: delivery.tries + 1,
      next_attempt_at: again ? later(now, gapMs).toISOString() : null,
      last_status: status,
      last_error: error,
      updated_at: now.toISOString(),
    }
  }

  #put(delivery: Delivery): Delivery {
    this.#deliveries.set(delivery.id, delivery)
    this.#journal.record('delivery', delivery)
    if (delivery.tries > 0 && delivery.next_attempt_at !== null) {
      this.#waiting.set(delivery.id, Date.parse(delivery.next_attempt_at))
    }
    return delivery
  }
}

type Outcome = { status: number | null; error: string | null }

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error & { cause?: { code?: string } }
  return cause?.code ?? message
}
