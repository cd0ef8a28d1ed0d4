// Sees to it that the browser tests have a browser. Silent where there is one.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { findChromium } from './find-chromium.ts'

const APT_OPTIONS = ['-qq', '-o', 'Acquire::Retries=2', '-o', 'Acquire::http::Timeout=30']
const APT_PACKAGES = ['chromium', 'fonts-liberation']
const PLAYWRIGHT = [process.execPath, 'node_modules/playwright-core/cli.js']

try {
  if (!findChromium() && !installWithApt() && !downloadWithPlaywright()) {
    fail(
      'The browser tests need Chromium or Chrome and none could be installed here: install one, ' +
        'or name one in CHROMIUM_PATH.',
    )
  }
} catch (error) {
  fail((error as Error).message)
}

function installWithApt(): boolean {
  const asRoot = rootPrefix()
  if (!existsSync('/etc/debian_version') || !asRoot) return false

  console.error(`Installing ${APT_PACKAGES.join(' and ')} with apt-get for the browser tests…`)
  const apt = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...APT_OPTIONS]
  run([...apt, 'update'])
  run([...apt, 'install', '-y', '--no-install-recommends', ...APT_PACKAGES])
  return findChromium() !== undefined
}

function downloadWithPlaywright(): boolean {
  console.error('Downloading a Chromium with Playwright for the browser tests…')
  if (rootPrefix()) run([...PLAYWRIGHT, 'install-deps', 'chromium'])
  run([...PLAYWRIGHT, 'install', '--only-shell', 'chromium'])
  return findChromium() !== undefined
}

/** What to put before a command so that it runs as root. Undefined: it cannot, without asking. */
function rootPrefix(): string[] | undefined {
  if (process.getuid?.() === 0) return []
  return spawnSync('sudo', ['-n', 'true']).status === 0 ? ['sudo', '-n'] : undefined
}

/** Whether it helped is seen by looking again. Its output goes to our standard error. */
function run([command = '', ...args]: string[]): void {
  spawnSync(command, args, { stdio: ['ignore', 2, 2], timeout: 300_000 })
}

function fail(sentence: string): never {
  console.error(sentence)
  process.exit(1)
}
