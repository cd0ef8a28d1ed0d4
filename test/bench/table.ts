import { type Finding, isMet, isWide } from './finding.ts'

const HEADINGS = ['', 'measured', 'rounds', 'target', '', 'from']

/** The findings as text in columns, for a terminal of some width. */
export function tableOf(findings: readonly Finding[]): string {
  const rows = [HEADINGS, ...findings.map(cellsOf)]
  const widths = HEADINGS.map((_, column) =>
    Math.max(...rows.map((cells) => cells[column]?.length ?? 0)),
  )
  const lines = rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const wide = findings.some(isWide)
    ? ['', '~ The rounds differ widely: the machine was busy with something else. Measure again.']
    : []
  return [...lines, ...wide].join('\n')
}

function cellsOf(finding: Finding): string[] {
  const { what, value, range, target, unit, from } = finding
  const met = isMet(finding)
  return [
    what,
    `${figure(value)} ${unit}`,
    range ? `${figure(range[0])}–${figure(range[1])}${isWide(finding) ? ' ~' : ''}` : '',
    target ? ('atLeast' in target ? `≥ ${target.atLeast}` : `≤ ${target.atMost}`) : '',
    met === undefined ? '' : met ? 'met' : 'MISSED',
    from,
  ]
}

/** Three digits say all that a noisy machine lets one know. */
function figure(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toFixed(digits)
}
