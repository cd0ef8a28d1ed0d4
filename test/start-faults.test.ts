import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'

const ROOT = join(import.meta.dirname, '..')

describe('a shop that cannot start says why in a sentence, and exits 1', () => {
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'start-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it.each([
    {
      fault: 'a database that is not there',
      env: { DATABASE_URL: 'postgres://nobody:secret@127.0.0.1:1/none' },
      says: /^The database cannot be used \(.*ECONNREFUSED.*\): check DATABASE_URL and DATA_DIR\.$/,
    },
    {
      fault: 'an address that is not this machine\u2019s',
      env: { HOST: '192.0.2.1' },
      says: /^This machine has no address 192\.0\.2\.1: check HOST and DATABASE_URL\.$/,
    },
  ])('$fault', async ({ env, says }) => {
    expect(await start(env)).toEqual({ code: 1, said: expect.stringMatching(says) })
  })

  it('a data folder that is a file', async () => {
    const path = join(folder, 'file')
    writeFileSync(path, '')
    const says = /^.*file cannot be written \(\w+\): check DATA_DIR and who owns it\.$/
    expect(await start({ DATA_DIR: path })).toEqual({
      code: 1,
      said: expect.stringMatching(says),
    })
  })

  it('a port that is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }

    const { code, said } = await start({ PORT: String(port) })
    other.close()

    expect(code).toBe(1)
    expect(said).toBe(`Port ${port} of 127.0.0.1 is in use: set another PORT or SANDBOX_PORT.`)
  })

  async function start(env: Record<string, string>): Promise<{ code: number; said: string }> {
    const shop = spawn(process.execPath, ['src/main.ts'], {
      cwd: ROOT,
      env: {
        ...{ NODE_ENV: 'test', PORT: '0', SANDBOX_PORT: '0', DATA_DIR: folder },
        ...{ PATH: process.env.PATH, ...env },
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const [[code], said] = await Promise.all([once(shop, 'exit'), text(shop.stderr)])
    return { code, said: said.trim() }
  }
})
