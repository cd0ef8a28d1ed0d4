/** One line of the table: a figure, how far it moved from round to round, and what it should be. */
export type Finding = {
  what: string
  value: number
  unit: '×' | 'ms' | 'MB' | '%' | 'rows/s'
  /** Least and greatest of the rounds; absent where there is only one. */
  range?: [number, number]
  target?: Target
  /** What the value was made of. */
  from: string
}

export type Target = { atLeast: number } | { atMost: number }

/** Runs one measure, and tells of its progress. */
export type Measure = (say: (text: string) => void) => Promise<Finding[]>

/** A figure of several rounds: their median, with the least and the greatest. */
export function ofRounds(values: readonly number[]): { value: number; range: [number, number] } {
  return { value: median(values), range: [Math.min(...values), Math.max(...values)] }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

export function isMet({ value, target }: Finding): boolean | undefined {
  if (!target) return undefined
  return 'atLeast' in target ? value >= target.atLeast : value <= target.atMost
}

/** So far apart that the median says little: something else was at work on this machine. */
export function isWide({ value, range }: Finding): boolean {
  return range !== undefined && range[1] - range[0] > Math.abs(value) / 2
}
