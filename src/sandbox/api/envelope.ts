import type { Page } from './pagination.ts'

/** JustiFi's frame around a record. */
export function recordOf<R extends { id: string }>(type: string, data: R) {
  return { id: data.id, type, data, page_info: null }
}

/** JustiFi's frame around a page of records. */
export function listOf<R>({ data, page_info }: Page<R>) {
  return { id: null, type: 'array', data, page_info }
}

/** A list that is always given whole. */
export function wholeListOf<R>(data: R[]) {
  const page_info = { has_next: false, has_previous: false, start_cursor: '', end_cursor: '' }
  return listOf({ data, page_info })
}
