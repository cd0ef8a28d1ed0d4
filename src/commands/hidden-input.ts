import { stdin, stdout } from 'node:process'

/** Ctrl-C, or the terminal went away. */
export class InputEndedError extends Error {
  override name = 'InputEndedError'
}

const ENTER = new Set(['\r', '\n'])
const ERASE = new Set(['\u007f', '\b'])
const GIVE_UP = new Set(['\u0003', '\u0004'])

/** Typed, or pasted, and not yet asked for. */
let ahead = ''

/**
 * Asks for a line in the terminal that is not shown while it is typed.
 *
 * @throws InputEndedError
 */
export async function askHidden(question: string): Promise<string> {
  stdin.setRawMode(true)
  stdin.setEncoding('utf8')
  stdout.write(question)
  try {
    return await typedLine()
  } finally {
    stdin.setRawMode(false)
    stdin.pause()
    stdout.write('\n')
  }
}

async function typedLine(): Promise<string> {
  const typed: string[] = []

  /** @returns whether the line is complete */
  function take(): boolean {
    for (const character of ahead) {
      ahead = ahead.slice(character.length)
      if (GIVE_UP.has(character)) throw new InputEndedError('No password was typed.')
      if (ENTER.has(character)) return true
      if (ERASE.has(character)) typed.pop()
      else typed.push(character)
    }
    return false
  }

  while (!take()) ahead += await nextChunk()
  return typed.join('')
}

function nextChunk(): Promise<string> {
  return new Promise((resolve, reject) => {
    const end = () => reject(new InputEndedError('No password was typed.'))
    stdin.once('end', end)
    stdin.once('data', (chunk) => {
      stdin.off('end', end)
      // Flowing on, it would drop what nobody listens for.
      stdin.pause()
      resolve(String(chunk))
    })
    stdin.resume()
  })
}
