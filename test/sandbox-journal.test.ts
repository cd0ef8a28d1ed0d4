import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import {
  connect,
  eventually,
  GOOD_BANK_ACCOUNT,
  openPublisher,
  openSandbox,
} from './support/sandbox-client.ts'

const SOURCE = path.join(import.meta.dirname, '../src/sandbox')

let folder: string
let journalPath: string
const children: ChildProcess[] = []

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sandbox-journal-'))
  journalPath = path.join(folder, 'deep', 'sandbox.jsonl')
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

describe('a sandbox with a journal', () => {
  it('has lost nothing that it answered when it is killed', async () => {
    const { child, url } = await runWithJournal()
    const justifi = await connect(url)
    await justifi.advance(3_600)
    const publisher = { url: 'http://127.0.0.1:9/', secret: 's', events: ['payment.failed'] }
    await justifi.control('POST', '/publishers', publisher)
    const card = await justifi.createIntent()
    await justifi.pay(await justifi.createSession(card.id))
    const bank = await justifi.createIntent()
    const session = await justifi.createSession(bank.id)
    await justifi.pay(session, GOOD_BANK_ACCOUNT)
    const [{ id }] = await justifi.paymentsOf(card.id)
    await justifi.control('POST', '/settings', { refunds: 'pending' })
    const refund = await justifi.refund(id, { amount: 1000 }, { key: 'refund' })
    const dispute = await justifi.dispute(id, { amount: 500 })
    const before = await justifi.state()
    child.kill('SIGKILL')
    await once(child, 'exit')

    const again = await openSandbox({ journalPath })
    const after = await again.state()
    for (const name of KEPT) expect(after[name]).toEqual(before[name])
    expect(Date.parse(after.now) - Date.now()).toBeGreaterThan(3_500_000)

    const [, payment] = after.payments
    await again.control('POST', `/payments/${payment.id}/settle`, { status: 'succeeded' })
    expect((await again.getIntent(bank.id)).status).toBe('succeeded')
    expect((await again.openPage(session)).text).toContain('already paid')
    expect((await again.pay(session)).status).toBe(409)

    expect((await again.refund(id, { amount: 1000 }, { key: 'refund' })).text).toBe(refund.text)
    await again.settle('refunds', refund.body.id, 'succeeded')
    await again.closeDispute(dispute.body.id, 'lost')
    expect(await again.getPayment(id)).toMatchObject({
      status: 'disputed',
      amount_refunded: 1000,
      amount_disputed: 500,
    })
    await again.close()
  })

  it('repeats the answer of a key that was used before the restart', async () => {
    const create = (justifi: Awaited<ReturnType<typeof openSandbox>>) =>
      justifi.call('POST', '/v1/payment_intents', {
        body: { amount: 4200, currency: 'usd' },
        key: 'k',
      })
    const first = await openSandbox({ journalPath })
    const answer = await create(first)
    await first.close()

    const second = await openSandbox({ journalPath })
    expect((await create(second)).text).toBe(answer.text)
    expect((await second.state()).payment_intents).toHaveLength(1)
    await second.close()
  })

  it('does not remember a key that was forgotten before the restart', async () => {
    const first = await openSandbox({ journalPath })
    const payment = await first.cardPayment()
    await first.refund(payment.id, { amount: 1 }, { key: 'k' })
    await first.control('DELETE', '/idempotency_keys')
    await first.close()

    const second = await openSandbox({ journalPath })
    await second.refund(payment.id, { amount: 1 }, { key: 'k' })
    expect((await second.state()).refunds).toHaveLength(2)
    await second.close()
  })

  it('goes on delivering what was not delivered', async () => {
    const publisher = await openPublisher()
    publisher.answer = 500
    const first = await openSandbox({ journalPath })
    await first.control('POST', '/publishers', { url: publisher.url, secret: 's' })
    await first.createIntent()
    await eventually(async () => ((await first.state()).deliveries[0].tries === 1 ? 1 : undefined))
    await first.close()

    publisher.answer = 200
    const second = await openSandbox({ journalPath })
    await second.advance(6 * 60)
    await eventually(async () =>
      (await second.state()).deliveries[0].status === 'delivered' ? 1 : undefined,
    )
    await second.close()
    await publisher.close()
  })

  it('passes over a line that a kill cut short', async () => {
    const first = await openSandbox({ journalPath })
    const intent = await first.createIntent()
    await first.close()
    appendFileSync(journalPath, '[["payment_intent",{"id":"pi_half')

    const second = await openSandbox({ journalPath })
    expect((await second.state()).payment_intents).toEqual([intent])
    await second.close()
  })

  it('stays empty after a reset, and makes no id twice from one seed', async () => {
    const first = await openSandbox({ journalPath, seed: 'tea' })
    const { id } = await first.createIntent()
    await first.control('POST', '/reset')
    await first.close()

    const second = await openSandbox({ journalPath, seed: 'tea' })
    expect((await second.state()).payment_intents).toEqual([])
    expect((await second.createIntent()).id).not.toBe(id)
    await second.close()
  })

  it('keeps it short and to itself', async () => {
    const first = await openSandbox({ journalPath })
    const { id } = await first.createIntent()
    const patch = (n: number) =>
      first.call('PATCH', `/v1/payment_intents/${id}`, {
        body: { description: `${n}` },
        key: `${n}`,
      })
    for (let n = 0; n < 20; n += 1) await patch(n)
    await first.close()

    const intentLines = () =>
      readFileSync(journalPath, 'utf8').match(/\["payment_intent",/g)?.length
    expect(intentLines()).toBe(21)
    const second = await openSandbox({ journalPath })
    expect(intentLines()).toBe(1)
    expect((await second.getIntent(id)).description).toBe('19')
    expect(statSync(journalPath).mode & 0o777).toBe(0o600)
    await second.close()
  })
})

describe('the sandbox alone', () => {
  it('says where it is, in one line, and ends when it is told to', async () => {
    const child = run([path.join(SOURCE, 'main.ts')], { SANDBOX_PORT: '0' })
    const line = await firstLineOf(child)
    const { msg, sandboxUrl, ...others } = JSON.parse(line)

    expect([msg, others]).toEqual(['listening', {}])
    expect(sandboxUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    const justifi = await connect(sandboxUrl)
    expect((await justifi.createIntent()).status).toBe('requires_payment_method')

    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
  })

  it('says what is wrong with its port', async () => {
    const child = run([path.join(SOURCE, 'main.ts')], { SANDBOX_PORT: 'tea' })
    let said = ''
    child.stderr?.on('data', (chunk) => {
      said += chunk
    })

    expect(await once(child, 'close')).toEqual([1, null])
    expect(said).toBe('SANDBOX_PORT must be a port number from 0 to 65535\n')
  })
})

const KEPT = [
  'payment_intents',
  'checkout_sessions',
  'payments',
  'refunds',
  'disputes',
  'settings',
  'events',
  'deliveries',
  'publishers',
]

async function runWithJournal(): Promise<{ child: ChildProcess; url: string }> {
  const code = `
    const { startSandbox } = await import(process.argv[1])
    const { url } = await startSandbox({ port: 0, host: '127.0.0.1', journalPath: process.argv[2] })
    console.log(url)`
  const start = path.join(SOURCE, 'start-sandbox.ts')
  const child = run(['--input-type=module', '--eval', code, start, journalPath])
  return { child, url: await firstLineOf(child) }
}

function run(args: string[], env: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, args, { cwd: folder, env: { ...process.env, ...env } })
  children.push(child)
  return child
}

async function firstLineOf(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('no standard output')
  const [line] = await once(createInterface(child.stdout), 'line')
  return line
}
