import { describe, expect, it } from '@jest/globals'
import { ConfigError, readConfig } from '../src/config.ts'

const PRODUCTION = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://shop.example',
  SESSION_SECRET: 's'.repeat(32),
  JUSTIFI_CLIENT_ID: 'live_1',
  JUSTIFI_CLIENT_SECRET: 'secret',
  JUSTIFI_WEBHOOK_SECRET: 'sigk_1',
}

function problemsOf(environment: NodeJS.ProcessEnv): string[] {
  try {
    readConfig(environment)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.problems
  }
}

const namesOf = (problems: string[]) => problems.map((problem) => problem.split(' ')[0]).sort()

describe('the configuration', () => {
  it('needs nothing outside production, and then leaves JustiFi to the sandbox', () => {
    expect(readConfig({})).toMatchObject({
      production: false,
      host: '127.0.0.1',
      port: 3000,
      sandboxPort: 3001,
      database: { engine: 'sqlite', path: './data/shop.sqlite' },
      justifi: undefined,
      watchIntervalMs: 5000,
    })
  })

  it('counts blank values as unset', () => {
    expect(readConfig({ PORT: '', SESSION_SECRET: '  ', DATABASE_URL: '' }).port).toBe(3000)
  })

  it('lets a free port pick a free port for the sandbox too', () => {
    expect(readConfig({ PORT: '0' })).toMatchObject({ port: 0, sandboxPort: 0 })
  })

  it('C30: refuses production without each of its secrets and an https origin', () => {
    expect(problemsOf(PRODUCTION)).toEqual([])
    for (const name of Object.keys(PRODUCTION).filter((key) => key !== 'NODE_ENV')) {
      expect(namesOf(problemsOf({ ...PRODUCTION, [name]: '' }))).toEqual([name])
    }
    const insecure = { ...PRODUCTION, PUBLIC_URL: 'http://shop.example' }
    expect(problemsOf(insecure)).toEqual(['PUBLIC_URL must be https in production'])
  })

  it('C30: refuses a short secret and a client id that hides whether money moves', () => {
    const wrong = { ...PRODUCTION, SESSION_SECRET: 'short', JUSTIFI_CLIENT_ID: 'prod_1' }
    expect(namesOf(problemsOf(wrong))).toEqual(['JUSTIFI_CLIENT_ID', 'SESSION_SECRET'])
  })

  it('names everything that is wrong at once', () => {
    const wrong = {
      NODE_ENV: 'production',
      PORT: 'x',
      PUBLIC_URL: 'shop.example/path',
      DATABASE_URL: 'mysql://x',
      TRUST_PROXY: 'true',
      LOG_LEVEL: 'loud',
      WATCH_INTERVAL_MS: '0',
      JUSTIFI_CHECKOUT_URL: 'https://checkout.example/r/',
    }
    expect(new Set(namesOf(problemsOf(wrong)))).toEqual(
      new Set([...Object.keys(wrong), ...Object.keys(PRODUCTION)].filter((n) => n !== 'NODE_ENV')),
    )
  })

  it.each([
    ['TRUST_PROXY', ['face', '1.2.3', '10.0.0.0/99', '::1/129', 'true', '1,2', 'loopback/8']],
    ['DATABASE_URL', ['sqlite:', 'sqlite::memory:', 'mysql://x']],
    ['PORT', ['65536', '-1', '80a']],
  ])('refuses a %s that the start would stumble over', (name, values) => {
    for (const value of values) expect(namesOf(problemsOf({ [name]: value }))).toEqual([name])
  })

  it('takes proxies by name, address or range', () => {
    const TRUST_PROXY = 'loopback, 10.0.0.0/8, ::1/128, 192.0.2.7'
    expect(readConfig({ TRUST_PROXY }).trustProxy).toHaveLength(4)
  })

  it('asks for the sandbox’s port where there is none after the last', () => {
    expect(namesOf(problemsOf({ PORT: '65535' }))).toEqual(['SANDBOX_PORT'])
    expect(readConfig({ PORT: '65535', SANDBOX_PORT: '4000' }).sandboxPort).toBe(4_000)
  })

  it('X05: takes one address to send mails from, and nothing beside it', () => {
    for (const from of ['a@b.example', 'Birch & Clay <a@b.example>', '"A, B" <a@b.example>']) {
      expect(readConfig({ MAIL_FROM: from }).mailFrom).toBe(from)
    }
    for (const from of ['Shop', 'a@b.example, c@d.example', 'Shop <a@b.example> <c@d.example>']) {
      expect(namesOf(problemsOf({ MAIL_FROM: from }))).toEqual(['MAIL_FROM'])
    }
  })

  it('asks for both credentials or neither', () => {
    expect(namesOf(problemsOf({ JUSTIFI_CLIENT_ID: 'test_1' }))).toEqual(['JUSTIFI_CLIENT_SECRET'])
    expect(namesOf(problemsOf({ JUSTIFI_CLIENT_SECRET: 'x' }))).toEqual(['JUSTIFI_CLIENT_ID'])
  })

  it('says plainly that the checkouts flow is still to come', () => {
    expect(problemsOf({ JUSTIFI_HOSTED_FLOW: 'checkouts' })).toEqual([
      expect.stringMatching(/^JUSTIFI_HOSTED_FLOW .*not supported yet/),
    ])
  })

  it('takes two secrets during a rotation, and proxies as hops or addresses', () => {
    const config = readConfig({
      SESSION_SECRET: `${'n'.repeat(32)},${'o'.repeat(32)}`,
      JUSTIFI_WEBHOOK_SECRET: 'new, old',
      TRUST_PROXY: '10.0.0.0/8, loopback',
    })
    expect(config.sessionSecrets).toEqual(['n'.repeat(32), 'o'.repeat(32)])
    expect(config.webhookSecrets).toEqual(['new', 'old'])
    expect(config.trustProxy).toEqual(['10.0.0.0/8', 'loopback'])
    expect(readConfig({ TRUST_PROXY: '2' }).trustProxy).toBe(2)
  })
})
