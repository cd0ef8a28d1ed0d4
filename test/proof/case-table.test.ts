import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'

const ROOT = join(import.meta.dirname, '../..')
/** How many cases each letter has. Others are in the table where a test names them. */
const CASES = { P: 25, C: 30, O: 24, M: 19, W: 14 }

const document = readFileSync(join(ROOT, 'docs/reliability.md'), 'utf8')
const rows = [...document.matchAll(/^\| ([A-Z]\d\d) \| (.+?) \| (.+) \|$/gm)].map(
  ([, number = '', given = '', proof = '']) => ({ number, given, proof }),
)
const proven = rows.flatMap(({ number, proof }) =>
  proof.startsWith('`') ? filesIn(proof).map((file) => ({ number, file })) : [],
)

describe('the table of cases', () => {
  it('has every case once', () => {
    const numbers = rows.map(({ number }) => number)
    const expected = Object.entries(CASES).flatMap(([letter, count]) =>
      Array.from({ length: count }, (_, index) => letter + String(index + 1).padStart(2, '0')),
    )
    expect(numbers).toEqual(expect.arrayContaining(expected))
    expect(new Set(numbers).size).toBe(numbers.length)
  })

  it.each(proven)('names a test of $number in $file', ({ number, file }) => {
    const lines = readFileSync(join(ROOT, `test/${file}.test.ts`), 'utf8').split('\n')
    const isNamed = (line: string) =>
      !/^\s*(\/\/|\*)/.test(line) && new RegExp(`['"\`].*\\b${number}\\b`).test(line)
    expect(lines.some(isNamed)).toBe(true)
  })
})

function filesIn(proof: string): string[] {
  return [...proof.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file)
}
