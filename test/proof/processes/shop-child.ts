import { flushCompileCache } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import { cancelOrder } from '../../../src/checkout/cancel-order.ts'
import { refundOrder } from '../../../src/checkout/refund-order.ts'
import { settleOrder } from '../../../src/checkout/settle-order.ts'
import { sweepDueList } from '../../../src/checkout/sweep-lists.ts'
import { lookAtDueOrders } from '../../../src/checkout/watch-orders.ts'
import { lookAtDueRefunds } from '../../../src/checkout/watch-refunds.ts'
import { systemClock } from '../../../src/clock.ts'
import type { AppContext } from '../../../src/context.ts'
import { createLog } from '../../../src/log.ts'
import type { Probe } from '../../support/crash-points.ts'
import { openCrashShop } from '../../support/crash-shop.ts'
import type { FromShop, Job, Setup, ToShop } from './messages.ts'
import { placeOneMug } from './place-one-mug.ts'

// A shop in a process of its own, to be killed or raced: it does what it is told by its parent's
// messages, beside what it is asked by HTTP.

const points: string[] = []
let ctx: AppContext

process.on('message', async ({ id, ...message }: ToShop) => {
  try {
    tell({ id, value: 'setup' in message ? await open(message.setup) : await work(message) })
  } catch (error) {
    tell({ id, error: error instanceof Error ? String(error.stack) : String(error) })
  }
})

async function open(setup: Setup): Promise<string> {
  const shop = await openCrashShop({
    database: setup.database,
    sandboxUrl: setup.sandboxUrl,
    clock: systemClock,
    log: createLog('silent'),
    probe: probeOf(setup),
    ...(setup.port !== undefined && { port: setup.port }),
  })
  ctx = shop.ctx
  // The next process starts faster; this one may not live to its end.
  flushCompileCache()
  return shop.url
}

function probeOf({ dieAt, nth = 1, slowCommitsMs = 0 }: Setup): Probe {
  let met = 0
  return (point) => {
    if (point !== 'read') points.push(point)
    if (point === dieAt) {
      met += 1
      if (met === nth) process.kill(process.pid, 'SIGKILL')
    }
    if (slowCommitsMs > 0 && point.startsWith('before commit')) {
      return sleep(Math.random() * slowCommitsMs)
    }
    return undefined
  }
}

async function work({ job, at }: { job: Job; at?: number }): Promise<unknown> {
  if (at !== undefined) await until(at)
  switch (job.do) {
    case 'points':
      return points
    case 'orders':
      return ctx.db.selectFrom('orders').select(['id', 'status']).orderBy('id').execute()
    case 'watch':
      return lookAtDueOrders(ctx)
    case 'watch refunds':
      return lookAtDueRefunds(ctx)
    case 'sweep':
      return sweepDueList(ctx)
    case 'place':
      return (await placeOneMug(ctx, job.checkoutKey)).orderId
    case 'settle':
      return (await settleOrder(ctx, job.orderId, { source: 'watcher' })).order.status
    case 'cancel':
      return cancelOrder(ctx, job.orderId, { source: 'cancel' })
    case 'refund': {
      const { orderId, amountCents, formKey } = job
      const request = { amountCents, formKey, reason: 'customer_request', note: null } as const
      return (await refundOrder(ctx, orderId, request, { source: 'merchant', actor: formKey })).kind
    }
    case 'ask':
      return Promise.all(job.requests.map(ask))
  }
}

async function ask({
  url,
  method,
  headers,
  body,
}: Extract<Job, { do: 'ask' }>['requests'][number]) {
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    ...(headers && { headers }),
    ...(body !== undefined && { body }),
  })
  await response.arrayBuffer()
  return response.status
}

/** The same moment in all processes: the last of the wait is spent looking at the clock. */
async function until(at: number): Promise<void> {
  await sleep(Math.max(0, at - Date.now() - 5))
  while (Date.now() < at) {}
}

function tell(message: FromShop): void {
  process.send?.(message)
}
