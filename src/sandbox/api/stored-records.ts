import type { Kind, Records } from '../ledger.ts'
import type { Sandbox } from '../sandbox.ts'
import { notFound } from './api-error.ts'
import type { ApiCall } from './endpoint.ts'
import { listOf } from './envelope.ts'
import { pageOf } from './pagination.ts'

/**
 * The record that a call names.
 *
 * @throws ApiError 404 where its account has none of that id
 */
export function getRecord<K extends Kind>({ ledger }: Sandbox, kind: K, call: ApiCall): Records[K] {
  const record = ledger.find(kind, call.id, call)
  if (!record) throw notFound()
  return record
}

/** A page of the account's records, newest first. */
export function pageOfRecords<K extends Kind>(
  { ledger }: Sandbox,
  kind: K,
  call: ApiCall,
  isWanted: (record: Records[K]) => boolean = () => true,
) {
  const find = (id: string) => {
    const record = ledger.findListed(kind, id, call)
    return record && isWanted(record) ? record : undefined
  }
  return listOf(pageOf(ledger.idsOfAccount(kind, call.accountId), find, call.query))
}
