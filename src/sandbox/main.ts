import { ConfigError, loadConfig } from '../config.ts'
import { startSandbox } from './start-sandbox.ts'

/** The sandbox alone: `npm run sandbox`. */
async function main(): Promise<void> {
  const { sandboxPort, host } = loadConfig()
  const sandbox = await startSandbox({ port: sandboxPort, host })
  process.stdout.write(`${JSON.stringify({ msg: 'listening', sandboxUrl: sandbox.url })}\n`)
  process.stdout.write(usageOf(sandbox.url))

  let isClosing = false
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (!isClosing) void sandbox.close()
      isClosing = true
    })
  }
}

function usageOf(url: string): string {
  return `
  This plays JustiFi; no money moves. Any client id and secret that begin with test_ are accepted.
  What it holds, and what makes it misbehave: ${url}/_sandbox

  A shop uses it with these settings:
    JUSTIFI_CLIENT_ID=test_shop
    JUSTIFI_CLIENT_SECRET=test_shop
    JUSTIFI_API_URL=${url}
    JUSTIFI_CHECKOUT_URL=${url}/r/{id}
    JUSTIFI_WEBHOOK_SECRET=a-secret-of-yours

  and is told of events once it is registered:
    curl -H 'content-type: application/json' ${url}/_sandbox/publishers \\
      -d '{"url":"http://127.0.0.1:3000/webhooks/justifi","secret":"a-secret-of-yours"}'

`
}

main().catch((error: Error) => {
  process.stderr.write(`${error instanceof ConfigError ? error.message : String(error)}\n`)
  process.exitCode = 1
})
