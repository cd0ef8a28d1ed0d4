/** A path with those of the parameters that are given. */
export function withQuery(path: string, parameters: Record<string, string | undefined>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) query.set(name, value)
  }
  return query.size === 0 ? path : `${path}?${query}`
}

/** One page of a list of JustiFi's, newest first. */
export type ListQuery = {
  accountId: string
  /** `nextCursor` of the page before, with the same filters. */
  afterCursor?: string | undefined
  /** 1 to 100; JustiFi's default is 25. */
  limit?: number | undefined
}
