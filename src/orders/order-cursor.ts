/** A place in a list of orders, newest first: just at this order. */
export type OrderPlace = { createdAt: string; id: string }

const CURSOR = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([0-9a-f-]{36})$/

/** A place as an address or a job keeps it. */
export function cursorOf({ createdAt, id }: OrderPlace): string {
  return Buffer.from(`${createdAt} ${id}`).toString('base64url')
}

/** Null for anything that no list gave out: whoever has such a cursor begins at the beginning. */
export function placeAt(cursor: string): OrderPlace | null {
  const [, createdAt, id] = CURSOR.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  return createdAt && id ? { createdAt, id } : null
}
