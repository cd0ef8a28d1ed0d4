/** The records with one more at their end; or, where it is among them, with it in its old place. */
export function placed<R extends { id: string }>(records: readonly R[], record: R): R[] {
  const isNew = !records.some(({ id }) => id === record.id)
  return isNew ? [...records, record] : records.map((old) => (old.id === record.id ? record : old))
}
