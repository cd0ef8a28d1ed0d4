import type { DayTotals } from '../../../orders/queries/totals.ts'

/** Bars of an SVG of so many units: payments upwards from the line, refunds downwards. */
export type Chart = {
  width: number
  height: number
  /** Where nothing is drawn upwards or downwards. */
  line: number
  payments: Bar[]
  refunds: Bar[]
}
type Bar = { x: number; y: number; width: number; height: number }

const HEIGHT = 100
const STEP = 10
const BAR = 8
/** So that the smallest sum is still seen. */
const LEAST = 0.75

/** Undefined where there is nothing to draw. */
export function chartOf(days: readonly DayTotals[]): Chart | undefined {
  const highest = Math.max(0, ...days.map(({ paidCents }) => paidCents))
  const deepest = Math.max(0, ...days.map(({ refundedCents }) => refundedCents))
  if (highest + deepest === 0) return undefined

  const heightOf = (cents: number) =>
    rounded(Math.max(LEAST, (cents / (highest + deepest)) * HEIGHT))
  const line = rounded((highest / (highest + deepest)) * HEIGHT)
  const bars = (centsOf: (day: DayTotals) => number, isUpwards: boolean) =>
    days.flatMap((day, index): Bar[] => {
      const cents = centsOf(day)
      if (cents === 0) return []
      const height = heightOf(cents)
      const y = rounded(isUpwards ? line - height : line)
      return [{ x: index * STEP + (STEP - BAR) / 2, y, width: BAR, height }]
    })

  return {
    width: days.length * STEP,
    height: HEIGHT,
    line,
    payments: bars(({ paidCents }) => paidCents, true),
    refunds: bars(({ refundedCents }) => refundedCents, false),
  }
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
