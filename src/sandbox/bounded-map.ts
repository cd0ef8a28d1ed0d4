/** A map that forgets its oldest entries, so that a sandbox that runs for weeks stays small. */
export class BoundedMap<Value> extends Map<string, Value> {
  readonly #limit: number

  constructor(limit: number) {
    super()
    this.#limit = limit
  }

  override set(key: string, value: Value): this {
    super.set(key, value)
    if (this.size > this.#limit) {
      for (const oldest of this.keys()) {
        this.delete(oldest)
        break
      }
    }
    return this
  }
}
