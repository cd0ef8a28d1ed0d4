import { Browser, buy } from './browser.ts'
import type { Child } from './child.ts'
import { type Finding, median } from './finding.ts'
import { Workshop } from './workshop.ts'

const PURCHASES = 1_000
const VIEWS = 20_000
const AT_ONCE = 8
/** Views between two looks at the memory. */
const STEP = 1_000
/** A quarter of a kilobyte a view. What the collector leaves lying moves by some of these by itself. */
const GROWTH_MB = 5

const MB = 1024 * 1024

/**
 * What the shop's process holds after many purchases and page views, and whether as many views
 * again make it more. Memory goes up and down with the collector, so growth is told by the middle
 * of several looks: those of the second half of the second views, against those of the first half.
 */
export function memory(say: (text: string) => void): Promise<Finding[]> {
  return Workshop.use(async (workshop) => {
    const sandbox = await workshop.start('sandbox')
    const shop = await workshop.startShop(sandbox)
    const atFirst = await heldBy(shop)

    const paths: string[] = []
    for (let bought = 0; bought < PURCHASES; bought += 100) {
      say(`${bought} of ${PURCHASES} purchases`)
      await times(100, async () => paths.push(await buy(shop.url, ['blue-mug'])))
    }
    const afterPurchases = await heldBy(shop)
    const first = await viewAll(shop, paths, say)
    const second = await viewAll(shop, paths, say)

    const middle = second.length / 2
    const [early, late] = [median(second.slice(0, middle)), median(second.slice(middle))]
    return [
      {
        what: `memory after ${PURCHASES} purchases and ${VIEWS} page views`,
        unit: 'MB',
        value: first.at(-1) ?? Number.NaN,
        target: { atMost: 250 },
        from: `${mb(atFirst)} at first, ${mb(afterPurchases)} after the purchases, at most ${mb(Math.max(...first))}`,
      },
      {
        what: `growth over ${VIEWS} views more`,
        unit: 'MB',
        value: late - early,
        target: { atMost: GROWTH_MB },
        from: `${mb(late)} in their second half, ${mb(early)} in their first`,
      },
    ]
  })
}

/** Views of the pages that customers look at most, of every order in turn. */
async function viewAll(
  shop: Child,
  orderPaths: string[],
  say: (text: string) => void,
): Promise<number[]> {
  const held: number[] = []
  let viewed = 0

  for (let step = 1; step <= VIEWS / STEP; step++) {
    await times(STEP, async () => {
      const paths = ['/', '/shops/fernhill-pottery', '/shops/fernhill-pottery/products/blue-mug']
      const path = [...paths, orderPaths[viewed % orderPaths.length] ?? '/'][viewed % 4] ?? '/'
      viewed++
      const { status } = await new Browser(shop.url).get(path)
      if (status !== 200) throw new Error(`${path} answered ${status}`)
    })
    held.push(await heldBy(shop))
    if (step % 5 === 0) say(`${step * STEP} of ${VIEWS} views: ${mb(held.at(-1) ?? 0)}`)
  }
  return held
}

/** Some at once, until `count` are done. */
async function times(count: number, work: () => Promise<unknown>): Promise<void> {
  let begun = 0
  async function worker(): Promise<void> {
    while (begun++ < count) await work()
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

/** Resident memory, in MB. */
async function heldBy(shop: Child): Promise<number> {
  return (await shop.usage()).rssBytes / MB
}

function mb(value: number): string {
  return `${value.toFixed(0)} MB`
}
