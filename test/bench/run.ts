import { parseArgs } from 'node:util'
import { checkout } from './checkout.ts'
import { coldStart } from './cold-start.ts'
import { type Finding, isMet, isWide, type Measure } from './finding.ts'
import { memory } from './memory.ts'
import { orderPage } from './order-page.ts'
import { ordersCsv } from './orders-csv.ts'
import { ordersList } from './orders-list.ts'
import { tableOf } from './table.ts'
import { watcher } from './watcher.ts'
import { webhooks } from './webhooks.ts'

// npm run bench [-- [--json] [measure …]]; see docs/performance.md.

const MEASURES = new Map<string, Measure>([
  ['checkout', checkout],
  ['order-page', orderPage],
  ['orders-list', ordersList],
  ['orders-csv', ordersCsv],
  ['webhooks', webhooks],
  ['watcher', watcher],
  ['memory', memory],
  ['cold-start', coldStart],
])

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const unknown = positionals.filter((name) => !MEASURES.has(name))
if (unknown.length > 0) {
  console.error(`no measure ${unknown.join(', ')}; there are ${[...MEASURES.keys()].join(', ')}`)
  process.exitCode = 1
} else {
  await run(positionals.length > 0 ? positionals : [...MEASURES.keys()])
}

async function run(names: string[]): Promise<void> {
  const findings: Finding[] = []
  for (const [name, measure] of MEASURES) {
    if (names.includes(name)) findings.push(...(await measure(progress(name))))
  }
  console.log(values.json ? jsonOf(findings) : `\n${tableOf(findings)}`)
}

/** On standard error, so that standard output is the table, or the JSON, alone. */
function progress(name: string): (text: string) => void {
  return (text) => console.error(`${name}: ${text}`)
}

function jsonOf(findings: Finding[]): string {
  const told = findings.map((finding) => ({
    ...finding,
    met: isMet(finding),
    wide: isWide(finding),
  }))
  return JSON.stringify(told, null, 2)
}
