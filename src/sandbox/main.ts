import dotenv from 'dotenv'
import { startSandbox } from './start-sandbox.ts'

const DEFAULT_PORT = 3001

/** The sandbox alone: `npm run sandbox`. */
async function main(): Promise<void> {
  dotenv.config({ quiet: true })
  const sandbox = await startSandbox({ port: readPort(), host: '127.0.0.1' })
  process.stdout.write(`${JSON.stringify({ msg: 'listening', sandboxUrl: sandbox.url })}\n`)

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void sandbox.close())
  }
}

function readPort(): number {
  const port = process.env.SANDBOX_PORT?.trim() || String(DEFAULT_PORT)
  if (/^\d{1,5}$/.test(port) && Number(port) <= 65_535) return Number(port)
  throw new Error('SANDBOX_PORT must be a port number from 0 to 65535')
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
})
