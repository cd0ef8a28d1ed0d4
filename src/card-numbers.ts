// Digits as any keyboard may produce them, also full-width ones, with what people put between.
const DIGIT = '[0-9０-９]'
const CANDIDATE = new RegExp(`${DIGIT}(?:[ \\u00a0.\\-–]{0,2}${DIGIT}){12,}`, 'g')

const SHORTEST = 13
const LONGEST = 19
const LEFT_READABLE = 4

/**
 * A text without the card numbers in it: of 13 to 19 digits that pass the Luhn check, however they
 * are spaced, all but the last four become `*`. Nobody is asked for a card here, but people type
 * them into any field, and what is not stored cannot be lost.
 */
export function maskCardNumbers(text: string): string {
  return text.replace(CANDIDATE, maskWithin)
}

function maskWithin(candidate: string): string {
  const characters = [...candidate]
  const digits = characters.flatMap((character, position) => {
    const value = digitOf(character)
    return value === undefined ? [] : [{ value, position }]
  })

  for (let start = 0; start + SHORTEST <= digits.length; start++) {
    for (let end = start + SHORTEST; end <= Math.min(start + LONGEST, digits.length); end++) {
      if (!passesLuhn(digits.slice(start, end).map(({ value }) => value))) continue
      for (const { position } of digits.slice(start, end - LEFT_READABLE)) {
        characters[position] = '*'
      }
    }
  }
  return characters.join('')
}

function passesLuhn(digits: number[]): boolean {
  const sum = digits.toReversed().reduce((total, digit, index) => {
    const doubled = index % 2 === 1 ? digit * 2 : digit
    return total + (doubled > 9 ? doubled - 9 : doubled)
  }, 0)
  return sum % 10 === 0
}

/** NFKC turns a full-width digit into the ASCII one. */
function digitOf(character: string): number | undefined {
  const digit = character.normalize('NFKC')
  return /^[0-9]$/.test(digit) ? Number(digit) : undefined
}
