import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, it } from '@jest/globals'

const ROOT = join(import.meta.dirname, '../..')
/** Part of the process, and none of its own: what nobody foresaw. */
const POISON = `process.stdout.on('pipe', () => {})
const write = process.stdout.write.bind(process.stdout)
process.stdout.write = (line, ...rest) => {
  if (String(line).includes('"msg":"listening"')) setTimeout(() => { FAULT }, 10)
  return write(line, ...rest)
}`

it.each([
  ['an exception', "throw new Error('nobody foresaw it')"],
  ['a rejection', "Promise.reject(new Error('nobody foresaw it'))"],
])('C27: a process with %s that nobody handles says so once and ends', async (_, fault) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'poison-'))
  const poison = `data:text/javascript,${encodeURIComponent(POISON.replace('FAULT', fault))}`
  const shop = spawn(process.execPath, ['--import', poison, 'src/main.ts'], {
    cwd: ROOT,
    env: { NODE_ENV: 'test', PORT: '0', DATA_DIR: dataDir, PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  })

  const [[code], output] = await Promise.all([once(shop, 'exit'), text(shop.stdout)])
  rmSync(dataDir, { recursive: true })

  expect(code).toBe(1)
  const told = output.split('\n').filter((line) => line.includes('nobody foresaw it'))
  expect(told).toHaveLength(1)
  expect(JSON.parse(String(told[0]))).toMatchObject({ level: expect.anything() })
})
