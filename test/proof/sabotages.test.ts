import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { sabotaged } from '../../scripts/sabotaged.ts'
import { SABOTAGES } from '../../scripts/sabotages.ts'

const ROOT = join(import.meta.dirname, '../..')

describe('the sabotages', () => {
  it.each(SABOTAGES)('still find what they take out: $name', (sabotage) => {
    expect(sabotaged(ROOT, sabotage)).toBeDefined()
  })

  it.each(SABOTAGES)('name a test that there is: $name', ({ test }) => {
    // What stands before is the name of a block, or of an engine.
    const name = test.named.replace(/^on sqlite\.\*/, '')
    expect(readFileSync(join(ROOT, test.file), 'utf8')).toMatch(new RegExp(name))
  })

  it.each(SABOTAGES)('are in the table of the documentation: $name', ({ name }) => {
    expect(readFileSync(join(ROOT, 'docs/reliability.md'), 'utf8')).toContain(`| ${name} |`)
  })
})
