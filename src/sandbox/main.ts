import { ConfigError, loadConfig } from '../config.ts'
import { startSandbox } from './start-sandbox.ts'

/** The sandbox alone: `npm run sandbox`. */
async function main(): Promise<void> {
  const { sandboxPort, host } = loadConfig()
  const sandbox = await startSandbox({ port: sandboxPort, host })
  process.stdout.write(`${JSON.stringify({ msg: 'listening', sandboxUrl: sandbox.url })}\n`)

  let isClosing = false
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (!isClosing) void sandbox.close()
      isClosing = true
    })
  }
}

main().catch((error: Error) => {
  process.stderr.write(`${error instanceof ConfigError ? error.message : String(error)}\n`)
  process.exitCode = 1
})
