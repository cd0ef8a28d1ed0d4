import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { findChromium } from '../scripts/find-chromium.ts'
import { launchChromium } from './support/chromium.ts'

describe('the Chromium of the tests', () => {
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'chromium-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('opens a page and runs its script', async () => {
    const browser = await launchChromium()
    const page = await browser.newPage()

    await page.goto('data:text/html,<title>before</title><script>document.title = "after"</script>')

    expect(await page.title()).toBe('after')
    await browser.close()
  })

  it('is the one that CHROMIUM_PATH names, and nothing else where that is wrong', () => {
    const own = program('own-chromium')

    expect(findChromium({ CHROMIUM_PATH: own })).toBe(own)
    expect(() => findChromium({ CHROMIUM_PATH: `${own}-typo` })).toThrow('own-chromium-typo')
  })

  it('is the first on PATH that is no snap', () => {
    const snap = program('a/chromium', '#!/bin/sh\nexec /snap/bin/chromium "$@"\n')
    const chrome = program('b/google-chrome')

    expect(findChromium({ PATH: `${dirname(snap)}:${dirname(chrome)}` })).toBe(chrome)
  })

  function program(path: string, text = '#!/bin/sh\n'): string {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    chmodSync(file, 0o755)
    return file
  }
})
