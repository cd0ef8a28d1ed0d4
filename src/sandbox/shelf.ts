/** Records of one kind, by id and by account. */
export class Shelf<R extends { id: string }> {
  readonly #records = new Map<string, R>()
  readonly #idsOfAccount = new Map<string, string[]>()

  get(id: string): R | undefined {
    return this.#records.get(id)
  }

  /** In the order in which they were made. */
  all(): R[] {
    return [...this.#records.values()]
  }

  /** The account's, oldest first. */
  idsOf(accountId: string): readonly string[] {
    return this.#idsOfAccount.get(accountId) ?? []
  }

  accountIds(): Iterable<string> {
    return this.#idsOfAccount.keys()
  }

  put(record: R, accountId: string): void {
    if (!this.#records.has(record.id)) {
      const ids = this.#idsOfAccount.get(accountId)
      if (ids) ids.push(record.id)
      else this.#idsOfAccount.set(accountId, [record.id])
    }
    this.#records.set(record.id, record)
  }

  clear(): void {
    this.#records.clear()
    this.#idsOfAccount.clear()
  }
}
