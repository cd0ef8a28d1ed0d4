import { Counter, collectDefaultMetrics, Histogram, Registry } from '@prometheus-io/client'

/** What is counted, beside what Node tells of the process itself. One registry for each app. */
export type Metrics = {
  registry: Registry
  /** Seconds. `route` is the pattern, never the path: a path may hold an order's token. */
  httpRequests: Histogram<'method' | 'route' | 'status'>
  justifiCalls: Counter<'operation' | 'outcome'>
  settlements: Counter<'source' | 'status'>
  webhookDeliveries: Counter<'result'>
  ordersPlaced: Counter
  mails: Counter<'kind' | 'result'>
  signIns: Counter<'result'>
}

/** A fast page takes one millisecond, the slowest answer there is ten seconds. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })

  return {
    registry,
    httpRequests: new Histogram({
      name: 'shop_http_request_duration_seconds',
      help: 'Answered requests by method, route pattern and status.',
      labelNames: ['method', 'route', 'status'],
      buckets: SECONDS,
      registers,
    }),
    justifiCalls: new Counter({
      name: 'shop_justifi_calls_total',
      help: 'Calls to JustiFi by operation and outcome.',
      labelNames: ['operation', 'outcome'],
      registers,
    }),
    settlements: new Counter({
      name: 'shop_settlements_total',
      help: 'Changes of an order by what brought them about and the status they led to.',
      labelNames: ['source', 'status'],
      registers,
    }),
    webhookDeliveries: new Counter({
      name: 'shop_webhook_deliveries_total',
      help: 'Deliveries to the webhook by result.',
      labelNames: ['result'],
      registers,
    }),
    ordersPlaced: new Counter({
      name: 'shop_orders_placed_total',
      help: 'Orders placed.',
      registers,
    }),
    signIns: new Counter({
      name: 'shop_sign_ins_total',
      help: 'Tries to sign in at the desk, by result.',
      labelNames: ['result'],
      registers,
    }),
    mails: new Counter({
      name: 'shop_mails_total',
      help: 'Tries to send a mail of the outbox, by what it tells and what came of it.',
      labelNames: ['kind', 'result'],
      registers,
    }),
  }
}
