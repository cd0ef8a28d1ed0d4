import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SECOND } from '../clock.ts'
import { createSandboxApp } from './app.ts'
import { Sandbox, type SandboxOptions } from './sandbox.ts'

export type RunningSandbox = {
  /** Such as `http://127.0.0.1:3001`. */
  url: string
  /** Lets calls that are being answered finish, and cuts those that hang. */
  close(): Promise<void>
}

const GRACE_MS = 2 * SECOND

/**
 * Starts JustiFi as played by us, on a server of its own.
 *
 * @param options `port` 0 picks a free one; for `journalPath` and `seed` see SandboxOptions
 * @throws when the port is taken or the journal cannot be read
 */
export async function startSandbox(
  options: SandboxOptions & { port: number; host: string },
): Promise<RunningSandbox> {
  const sandbox = new Sandbox(options)
  const server = createServer(createSandboxApp(sandbox))
  try {
    server.listen(options.port, options.host)
    await once(server, 'listening')
  } catch (error) {
    sandbox.close()
    throw error
  }

  return {
    url: urlOf(server),
    async close() {
      const closed = once(server, 'close')
      server.close()
      const cutting = setTimeout(() => server.closeAllConnections(), GRACE_MS)
      await closed
      clearTimeout(cutting)
      sandbox.close()
    },
  }
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo
  const everywhere = address === '0.0.0.0' || address === '::'
  const host = everywhere ? '127.0.0.1' : family === 'IPv6' ? `[${address}]` : address
  return `http://${host}:${port}`
}
