import { Router } from 'express'
import { PLATFORM_ACCOUNT_ID } from '../events/events.ts'
import type { Sandbox } from '../sandbox.ts'
import { notFound } from './api-error.ts'
import { ACCOUNT_ID, read } from './endpoint.ts'
import { listOf, recordOf } from './envelope.ts'
import { pageOf } from './pagination.ts'

/** Accounts of the sandbox need no making: each is enabled from the moment it is named. */
export function subAccountRoutes(sandbox: Sandbox): Router {
  const { ledger } = sandbox
  const router = Router()

  router.get(
    '/v1/sub_accounts',
    read(sandbox, ({ query }) => {
      const ids = [...ledger.accountIds()].filter((id) => id !== PLATFORM_ACCOUNT_ID)
      return listOf(pageOf(ids, (id) => subAccount(sandbox, id), query))
    }),
  )

  router.get(
    '/v1/sub_accounts/:id',
    read(sandbox, ({ id }) => {
      if (!ACCOUNT_ID.test(id)) throw notFound()
      return recordOf('sub_account', subAccount(sandbox, id))
    }),
  )

  return router
}

function subAccount({ ledger }: Sandbox, id: string) {
  return {
    id,
    name: `Sandbox account ${id}`,
    account_type: 'test',
    status: 'enabled',
    currency: ledger.currencyOf(id) ?? null,
    platform_account_id: PLATFORM_ACCOUNT_ID,
    payout_account_id: null,
    business_id: null,
    application_fee_rates: [],
    processing_ready: true,
    payout_ready: true,
    related_accounts: { live_account_id: null, test_account_id: id },
  }
}
