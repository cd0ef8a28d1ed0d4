/**
 * Text as it is kept to be found: without case, accents and double blanks, so that "josé  perez"
 * finds "Jose PÉREZ". Done here and not by the databases, of which one knows no letters but ASCII.
 * What a text begins with is what its search text begins with.
 */
export function searchText(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toUpperCase()
    .toLowerCase()
    .replaceAll('ς', 'σ')
    .replace(/\s+/g, ' ')
    .trim()
}

/** What an order is found by, beside its number and its payments. */
export type SearchColumns = {
  search_name: string
  /** The last word of the name, and then the others: people are looked up by either. */
  search_last_name: string
  search_email: string
}

export function searchColumns(customer: { name: string; email: string }): SearchColumns {
  const name = searchText(customer.name)
  const lastWord = name.lastIndexOf(' ') + 1
  return {
    search_name: name,
    search_last_name: `${name.slice(lastWord)} ${name.slice(0, lastWord)}`.trim(),
    search_email: searchText(customer.email),
  }
}
