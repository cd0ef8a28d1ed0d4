import { accessSync, constants, globSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'

const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome']
const MAC_APPLICATIONS = ['Chromium', 'Google Chrome', 'Google Chrome for Testing']
const WINDOWS_ROOTS = ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA']
const WINDOWS_PROGRAMS = ['Google/Chrome/Application/chrome.exe', 'Chromium/Application/chrome.exe']

/** As Playwright lays out what it downloads, in this version and the few before it. */
const PLAYWRIGHT_PROGRAMS = [
  'chrome{,-headless-shell}{,.exe}',
  'headless_shell{,.exe}',
  '*.app/Contents/MacOS/{Chromium,Google Chrome for Testing}',
]

/**
 * The path of a Chromium or Chrome that Playwright can drive: `CHROMIUM_PATH` where that is set,
 * else one on PATH, in the usual places of the system, or in Playwright's cache. Undefined if there
 * is none.
 *
 * @throws Error where `CHROMIUM_PATH` names nothing that can be run
 */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (!env.CHROMIUM_PATH) return installedChromium(env) ?? downloadedChromium(env)
  if (canRun(env.CHROMIUM_PATH)) return env.CHROMIUM_PATH
  throw new Error(
    `CHROMIUM_PATH names ${env.CHROMIUM_PATH}, which is not a program that can be run`,
  )
}

function installedChromium(env: NodeJS.ProcessEnv): string | undefined {
  const places = [
    ...(env.PATH ?? '').split(delimiter).filter(Boolean).flatMap(commandsIn),
    ...commandsIn('/usr/bin'),
    ...['/Applications', join(homedir(), 'Applications')].flatMap(applicationsIn),
    ...WINDOWS_ROOTS.flatMap((name) => programsIn(env[name])),
  ]
  return places.find((place) => canRun(place) && !isSnap(place))
}

function downloadedChromium(env: NodeJS.ProcessEnv): string | undefined {
  const cwd = env.PLAYWRIGHT_BROWSERS_PATH || join(cacheFolder(env), 'ms-playwright')
  return globSync(
    PLAYWRIGHT_PROGRAMS.map((program) => `chromium*/*/${program}`),
    { cwd },
  )
    .sort((a, b) => revisionOf(b) - revisionOf(a))
    .map((path) => join(cwd, path))
    .find(canRun)
}

function commandsIn(folder: string): string[] {
  return COMMANDS.map((command) => join(folder, command))
}

function applicationsIn(folder: string): string[] {
  return MAC_APPLICATIONS.map((name) => join(folder, `${name}.app`, 'Contents/MacOS', name))
}

function programsIn(folder: string | undefined): string[] {
  return folder ? WINDOWS_PROGRAMS.map((program) => join(folder, program)) : []
}

function cacheFolder(env: NodeJS.ProcessEnv): string {
  if (process.platform === 'win32') return env.LOCALAPPDATA || join(homedir(), 'AppData/Local')
  if (process.platform === 'darwin') return join(homedir(), 'Library/Caches')
  return env.XDG_CACHE_HOME || join(homedir(), '.cache')
}

/** `chromium_headless_shell-1255/…` is 1255. */
function revisionOf(path: string): number {
  return Number(/^[^/\\]*-(\d+)/.exec(path)?.[1] ?? 0)
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** Ubuntu's is a snap behind a script, and a snap does not see the profile Playwright puts in /tmp. */
function isSnap(path: string): boolean {
  const target = realpathSync(path)
  if (basename(target) === 'snap' || dirname(path) === '/snap/bin') return true
  return statSync(target).size < 16_384 && readFileSync(target, 'utf8').includes('/snap/bin/')
}
