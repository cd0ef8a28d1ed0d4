import { shaped } from './answer.ts'
import type { JustifiClient } from './client.ts'
import { JustifiContractError } from './errors.ts'
import type { CallOptions } from './hosted-checkout.ts'
import { withQuery } from './query.ts'
import { Payment, PaymentList } from './wire.ts'

/** The payments of a sub account, whatever they were made through. */
export type Payments = {
  /**
   * One page of JustiFi's list, newest first as JustiFi orders it. A next page is asked for with
   * the same filters. Pages may overlap where payments are made meanwhile.
   *
   * @throws JustifiError
   */
  listPayments(query: PaymentQuery, options?: CallOptions): Promise<PaymentList>
}

export type PaymentQuery = {
  accountId: string
  createdAfter?: Date | undefined
  createdBefore?: Date | undefined
  /** `nextCursor` of the page before. */
  afterCursor?: string | undefined
  /** 1 to 100; JustiFi's default is 25. */
  limit?: number | undefined
}

const readPayment = shaped(Payment, 'a payment')
const readList = shaped(PaymentList, 'a list of payments')
// Nobody tries to pay 250 times; more pages mean that JustiFi is going round in circles.
const MAX_PAGES = 10

export function paymentsOf(client: JustifiClient): Payments {
  return {
    async listPayments({ accountId, createdAfter, createdBefore, afterCursor, limit }, options) {
      const { value } = await client.call({
        operation: 'payments.list',
        method: 'GET',
        path: withQuery('/v1/payments', {
          created_after: createdAfter?.toISOString(),
          created_before: createdBefore?.toISOString(),
          after_cursor: afterCursor,
          limit: limit?.toString(),
        }),
        accountId,
        budgetMs: options?.budgetMs,
        read: readList,
      })
      return value
    },
  }
}

type OfIntent = { reference: string; accountId: string }

/** Every payment made on an intent, in the order of JustiFi's list, each of them once. */
export async function paymentsOfIntent(
  client: JustifiClient,
  { reference, accountId }: OfIntent,
  leftMs: () => number,
): Promise<Payment[]> {
  const payments = new Map<string, Payment>()
  let cursor: string | null = null

  for (let page = 0; page < MAX_PAGES; page++) {
    const { value }: { value: PaymentList } = await client.call({
      operation: 'payment_intents.payments',
      method: 'GET',
      path: withQuery(`/v1/payment_intents/${encodeURIComponent(reference)}/payments`, {
        after_cursor: cursor ?? undefined,
      }),
      accountId,
      budgetMs: leftMs(),
      read: (json) => {
        const list = readList(json)
        for (const payment of list.payments) mustBelongTo(reference, payment)
        return list
      },
    })
    for (const payment of value.payments) payments.set(payment.id, payment)
    cursor = value.nextCursor
    if (cursor === null) return [...payments.values()]
  }
  throw new JustifiContractError(`JustiFi's list of the payments of ${reference} does not end`)
}

/** One payment by its id, which has to be the intent's. */
export async function paymentOfIntent(
  client: JustifiClient,
  paymentId: string,
  { reference, accountId }: OfIntent,
  leftMs: () => number,
): Promise<Payment> {
  const { value } = await client.call({
    operation: 'payments.get',
    method: 'GET',
    path: `/v1/payments/${encodeURIComponent(paymentId)}`,
    accountId,
    budgetMs: leftMs(),
    read: (json) => {
      const payment = readPayment(json)
      if (payment.id !== paymentId) {
        throw new JustifiContractError(`asked for payment ${paymentId}, JustiFi answered another`)
      }
      mustBelongTo(reference, payment)
      return payment
    },
  })
  return value
}

function mustBelongTo(reference: string, payment: Payment): void {
  if (payment.reference === reference) return
  throw new JustifiContractError(
    `asked for the payments of ${reference}, JustiFi answered ${payment.id} of ${payment.reference}`,
  )
}
