import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type axe from 'axe-core'
import type { Page } from 'playwright-core'

const AXE = join(import.meta.dirname, '../../node_modules/axe-core/axe.min.js')
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
const NARROW = [360, 320]

let axeSource: string | undefined

/**
 * What keeps somebody from using a page: violations of WCAG 2.2 AA, light and dark, and what does
 * not fit a narrow screen, also with large text. The page is left narrow.
 */
export async function flawsOf(page: Page): Promise<string[]> {
  axeSource ??= readFileSync(AXE, 'utf8')
  // Evaluated by the debugger: the page's content security policy has no say in it.
  await page.evaluate(axeSource)
  const flaws = [...(await violations(page, 'light')), ...(await violations(page, 'dark'))]
  for (const width of NARROW) {
    const overflow = await overflowAt(page, width)
    if (overflow > 0) flaws.push(`${overflow} pixels too wide at ${width}`)
  }
  await page.evaluate(() => {
    document.documentElement.style.fontSize = '200%'
  })
  const overflow = await overflowAt(page, 360)
  return overflow > 0 ? [...flaws, `${overflow} pixels too wide with large text`] : flaws
}

/** Each as one line: the rule, and what breaks it. */
async function violations(page: Page, colorScheme: 'light' | 'dark'): Promise<string[]> {
  await page.emulateMedia({ colorScheme })
  const found = await page.evaluate(async (runOnly) => {
    const { violations } = await (Object(globalThis).axe as typeof axe).run({ runOnly })
    return violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`),
    )
  }, TAGS)
  return found.map((violation) => `${colorScheme}: ${violation}`)
}

/** By how many pixels the page is wider than its window. */
async function overflowAt(page: Page, width: number): Promise<number> {
  await page.setViewportSize({ width, height: 800 })
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement
    return Math.max(0, scrollWidth - clientWidth)
  })
}
