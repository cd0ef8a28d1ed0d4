// Digits as any keyboard may produce them, also full-width ones, with what people put between.
const GROUP = '[0-9０-９]+'
const CANDIDATE = new RegExp(`${GROUP}(?:[ \\u00a0.\\-–]{1,2}${GROUP})*`, 'g')

const SHORTEST = 13
const LONGEST = 19
const LEFT_READABLE = 4

/**
 * A text without the card numbers in it: of 13 to 19 digits that pass the Luhn check, written
 * together or in groups, all but the last four become `*`. Nobody is asked for a card here, but
 * people type them into any field, and what is not stored cannot be lost.
 */
export function maskCardNumbers(text: string): string {
  return text.replace(CANDIDATE, maskWithin)
}

/** Looks at every row of whole groups: what stands before or after a card number is left alone. */
function maskWithin(candidate: string): string {
  const digits = [...candidate.matchAll(/[0-9０-９]/g)].map(({ 0: digit, index }) => ({
    value: Number(digit.normalize('NFKC')),
    position: index,
  }))
  const starts = digits.flatMap(({ position }, i) =>
    digits[i - 1]?.position === position - 1 ? [] : [i],
  )
  const ends = [...starts.slice(1), digits.length]
  const characters = [...candidate]

  for (const [group, start] of starts.entries()) {
    // Each group has a digit at least, so no card number ends later: long texts stay quick.
    for (const end of ends.slice(group, group + LONGEST)) {
      const length = end - start
      if (length < SHORTEST || length > LONGEST) continue
      const row = digits.slice(start, end)
      if (!passesLuhn(row.map(({ value }) => value))) continue
      for (const { position } of row.slice(0, -LEFT_READABLE)) characters[position] = '*'
    }
  }
  return characters.join('')
}

function passesLuhn(digits: number[]): boolean {
  const sum = digits.reduceRight((total, digit, index) => {
    const doubled = (digits.length - index) % 2 === 0 ? digit * 2 : digit
    return total + (doubled > 9 ? doubled - 9 : doubled)
  }, 0)
  return sum % 10 === 0
}
