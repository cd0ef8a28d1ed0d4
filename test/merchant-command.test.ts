import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { OptionsError, readCommand } from '../src/commands/merchant-options.ts'
import { readConfig } from '../src/config.ts'
import { type Db, openDatabase } from '../src/db/database.ts'
import { createLog } from '../src/log.ts'
import { isPassword } from '../src/merchants/passwords.ts'
import { findShop } from '../src/merchants/queries.ts'
import { findUserByEmail } from '../src/merchants/user-queries.ts'
import { createTestDatabase } from './support/postgres.ts'
import { ENGINES } from './support/store.ts'

const PASSWORD = '  a row of good words  '
const CREATE = {
  slug: 'birch-clay',
  name: 'Birch & Clay',
  currency: 'cad',
  'sub-account': 'acc_4vPGYRx1J6',
  email: 'Ann@Birch.Example',
}

function argsOf(command: string, options: Record<string, string>): string[] {
  return [command, ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])]
}

function problemsIn(args: string[]): string[] {
  try {
    readCommand(args)
  } catch (error) {
    if (error instanceof OptionsError) return error.message.split('\n')
  }
  throw new Error('nothing was wrong')
}

describe('the options of npm run merchant', () => {
  it('are all told at once when they are wrong', () => {
    const options = {
      slug: 'Birch Clay',
      name: ' ',
      currency: 'eur',
      email: 'ann@birch..example',
      'time-zone': 'Mars/Base',
      colour: 'blue',
      password: 'a secret',
    }
    const problems = problemsIn([...argsOf('create', options), 'stray'])
    expect(problems).toEqual([
      expect.stringMatching('"blue" belongs to no option'),
      expect.stringMatching('"stray" belongs to no option'),
      expect.stringMatching('--sub-account is missing'),
      expect.stringMatching('--slug must be'),
      expect.stringMatching('--name has no value'),
      expect.stringMatching('--currency must be usd or cad'),
      expect.stringMatching('--email must be'),
      expect.stringMatching('--time-zone must be'),
      expect.stringMatching('--colour is not an option'),
      expect.stringMatching('--password is not taken'),
    ])
    expect(problems.join()).not.toContain('a secret')
  })

  it('say how it is used where no command is named', () => {
    expect(problemsIn([])[0]).toBe('Name a command.')
    expect(problemsIn(['destroy'])[0]).toBe('There is no command destroy.')
    expect(problemsIn(['toString']).join()).toContain('npm run merchant -- create')
  })

  it('have sensible values where they may be left out', () => {
    expect(readCommand(argsOf('create', CREATE))).toEqual({
      name: 'create',
      merchant: {
        slug: 'birch-clay',
        name: 'Birch & Clay',
        tagline: '',
        currency: 'cad',
        accountId: 'acc_4vPGYRx1J6',
        supportEmail: 'ann@birch.example',
        timeZone: 'UTC',
      },
      owner: { email: 'ann@birch.example', name: 'ann' },
    })
  })
})

describe.each(ENGINES)('npm run merchant on %s', (engine) => {
  let url: string
  let clean: () => Promise<void>
  let db: Db

  beforeAll(async () => {
    if (engine === 'postgres') {
      const database = await createTestDatabase()
      url = database.url
      clean = () => database.drop()
    } else {
      const folder = mkdtempSync(join(tmpdir(), 'merchant-'))
      url = `sqlite:${join(folder, 'shop.sqlite')}`
      clean = async () => rmSync(folder, { recursive: true })
    }
    db = openDatabase(readConfig({ DATABASE_URL: url }).database, createLog('silent'))
  })
  afterAll(async () => {
    await db.destroy()
    await clean()
  })

  async function run(args: string[], password?: string) {
    const { MERCHANT_PASSWORD: _, ...rest } = process.env
    const env = {
      ...rest,
      DATABASE_URL: url,
      ...(password !== undefined && { MERCHANT_PASSWORD: password }),
    }
    const running = promisify(execFile)(process.execPath, ['src/commands/merchant.ts', ...args], {
      env,
    })
    running.child.stdin?.end()
    return running.then(
      ({ stdout }) => ({ code: 0, said: stdout }),
      (error) => ({ code: error.code as number, said: String(error.stderr) }),
    )
  }

  it('opens a shop with its first owner, whose password is exactly what was given', async () => {
    const { code, said } = await run(argsOf('create', CREATE), PASSWORD)
    expect({ code, said }).toEqual({
      code: 0,
      said: 'Birch & Clay is open at /shops/birch-clay. ann@birch.example signs in at /merchant.\n',
    })
    expect(await findShop(db, 'birch-clay')).toMatchObject({
      name: 'Birch & Clay',
      currency: 'cad',
      accountId: 'acc_4vPGYRx1J6',
    })
    const user = await findUserByEmail(db, 'ann@birch.example')
    expect(user).toMatchObject({ role: 'owner', disabledAt: null })
    expect(await isPassword(PASSWORD, user?.passwordHash ?? null)).toBe(true)
    expect(await isPassword(PASSWORD.trim(), user?.passwordHash ?? null)).toBe(false)
  })

  it('refuses a slug and an address that are taken, and changes nothing', async () => {
    const { code, said } = await run(argsOf('create', CREATE), PASSWORD)
    expect(code).toBe(1)
    expect(said).toContain('--slug birch-clay is taken')
    expect(said).toContain('--email ann@birch.example is taken')

    const other = await run(argsOf('create', { ...CREATE, slug: 'other' }), PASSWORD)
    expect(other.code).toBe(1)
    expect(await findShop(db, 'other')).toBeUndefined()
  })

  it('refuses a password that is guessed first, and one that was not given', async () => {
    const options = { ...CREATE, slug: 'third', email: 'third@birch.example' }
    expect((await run(argsOf('create', options), 'password123')).said).toContain('guessed first')
    expect((await run(argsOf('create', options))).said).toContain('set MERCHANT_PASSWORD')
    expect(await findShop(db, 'third')).toBeUndefined()
  })

  it('adds people, and gives them another password', async () => {
    const email = 'kim@birch.example'
    await run(argsOf('add-user', { slug: 'birch-clay', email, role: 'viewer' }), PASSWORD)
    expect(await findUserByEmail(db, email)).toMatchObject({ role: 'viewer', sessionsVersion: 1 })

    await run(argsOf('reset-password', { email }), 'another row of words')
    const user = await findUserByEmail(db, email)
    expect(user?.sessionsVersion).toBe(2)
    expect(await isPassword('another row of words', user?.passwordHash ?? null)).toBe(true)

    const nobody = await run(argsOf('reset-password', { email: 'no@birch.example' }), PASSWORD)
    expect(nobody.said).toContain('Nobody signs in with no@birch.example')
  })
})
