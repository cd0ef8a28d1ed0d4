/** What a process under test tells of itself. */
export type Usage = { cpuMs: number; rssBytes: number; heldMs: number[] }

/**
 * Tells the bench where this process listens, and from then on, whenever asked, what it has used.
 * It ends with the bench, however that ends.
 *
 * @param takeHeldMs for how long answers were held back on purpose, since it was last asked
 */
export function reportToBench(url: string, takeHeldMs: () => number[] = () => []): void {
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    const usage: Usage = {
      cpuMs: (user + system) / 1_000,
      rssBytes: process.memoryUsage.rss(),
      heldMs: takeHeldMs(),
    }
    process.send?.(usage)
  })
  process.on('disconnect', () => process.exit())
  process.send?.({ url })
}
