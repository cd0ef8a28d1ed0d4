import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import pg from 'pg'
import { createTestDatabase, startPostgres } from './support/postgres.ts'

const START_AND_SHOW = `
  import { startPostgres } from './test/support/postgres.ts'
  const server = await startPostgres({ fsync: false })
  process.stdout.write((await server.createDatabase()).url + '\\n')
  setInterval(() => {}, 1000)
`

describe('the PostgreSQL of the tests', () => {
  it('hands out databases that do not see each other', async () => {
    const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()])

    await query(one.url, 'create table things (name text)')

    await expect(query(other.url, 'select * from things')).rejects.toThrow('does not exist')
    await Promise.all([one.drop(), other.drop()])
    await expect(query(one.url, 'select 1')).rejects.toThrow('does not exist')
  })

  it('keeps what it acknowledged through a crash, and leaves nothing behind', async () => {
    const server = await startPostgres({ fsync: true })
    const { url } = await server.createDatabase()
    await query(url, "create table things as select 'kept' as name")

    await server.crash()
    await expect(query(url, 'select 1')).rejects.toThrow('ENOENT')
    await server.restart()

    expect(await query(url, 'select name from things')).toEqual([{ name: 'kept' }])
    expect(await query(url, 'show fsync')).toEqual([{ fsync: 'on' }])
    await server.close()
    expect(existsSync(homeOf(url))).toBe(false)
  })

  it('is gone when the process that asked for it is killed', async () => {
    const asker = runHere(START_AND_SHOW)
    const [url] = await once(createInterface({ input: asker.stdout }), 'line')
    const [pid] = readFileSync(join(homeOf(url), 'data', 'postmaster.pid'), 'utf8').split('\n')

    asker.kill('SIGKILL')

    for (let tries = 0; existsSync(homeOf(url)) && tries < 200; tries++) await sleep(25)
    expect(existsSync(homeOf(url))).toBe(false)
    expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH')
  })

  it('says what is missing where there is no PostgreSQL', async () => {
    const asker = runHere(START_AND_SHOW, { PG_BIN: '/nowhere' })
    const [output, [status]] = await Promise.all([text(asker.stderr), once(asker, 'exit')])

    expect(status).toBe(1)
    expect(output).toContain('PostgreSQL was found nowhere')
    expect(output).toContain('Looked in /nowhere')
  })
})

function runHere(program: string, environment: Record<string, string> = {}) {
  return spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: join(import.meta.dirname, '..'),
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(statement)).rows
  } finally {
    await client.end()
  }
}

function homeOf(url: string): string {
  return new URL(url).searchParams.get('host') ?? ''
}
