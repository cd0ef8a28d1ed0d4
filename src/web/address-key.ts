import { isIPv6 } from 'node:net'

const MAX_LENGTH = 64

/**
 * What a caller is counted under. IPv6 by its /64, which one customer of a provider has whole; an
 * IPv4 address written as IPv6 (`::ffff:192.0.2.1`, what a dual-stack socket gives) as IPv4.
 */
export function addressKey(address: string | undefined): string {
  if (!address) return 'unknown'
  if (!address.includes(':') || !isIPv6(address)) return address.slice(0, MAX_LENGTH)

  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped?.[1]) return mapped[1]
  return `${groupsOf(address).slice(0, 4).join(':')}::/64`
}

/** The eight groups, without leading zeros. */
function groupsOf(address: string): string[] {
  // The URL parser writes an address in its one canonical form; a zone is no part of it.
  const [bare = ''] = address.split('%')
  const canonical = new URL(`http://[${bare}]/`).hostname.slice(1, -1)
  const [head = '', tail = ''] = canonical.split('::')
  const before = head.split(':').filter(Boolean)
  const after = tail.split(':').filter(Boolean)
  return [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after]
}
