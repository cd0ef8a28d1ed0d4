import { Router } from 'express'
import { changeDispute } from '../giving-back/dispute-payment.ts'
import type { Sandbox } from '../sandbox.ts'
import { read, write } from './endpoint.ts'
import { recordOf } from './envelope.ts'
import { notesOf, parseParameters } from './parameters.ts'
import { getRecord, pageOfRecords } from './stored-records.ts'

/** Disputes are opened and decided by banks: here, by the control plane. */
export function disputeRoutes(sandbox: Sandbox): Router {
  const router = Router()

  router.get(
    '/v1/disputes',
    read(sandbox, (call) => pageOfRecords(sandbox, 'dispute', call)),
  )

  router.get(
    '/v1/disputes/:id',
    read(sandbox, (call) => recordOf('dispute', getRecord(sandbox, 'dispute', call))),
  )

  router.patch(
    '/v1/disputes/:id',
    write(sandbox, { keyRequired: true }, (call) => {
      const notes = notesOf(parseParameters(call.body, ['metadata']))
      const dispute = changeDispute(sandbox, getRecord(sandbox, 'dispute', call), notes)
      return { status: 200, body: recordOf('dispute', dispute) }
    }),
  )

  return router
}
