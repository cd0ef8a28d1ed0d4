import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sabotaged } from './sabotaged.ts'
import { SABOTAGES, type Sabotage } from './sabotages.ts'

// Shows that the tests have teeth: takes one safety rule after another out of a copy of the tree,
// runs the tests that have to notice, and prints a table. Ends with 1 where one of them stays green
// or an edit no longer applies. A word after the command picks the sabotages that it occurs in.

const ROOT = join(import.meta.dirname, '..')
const COPIED = ['src', 'test', 'views', 'public', 'scripts', 'package.json', 'jest.config.js']
/** Those that mean to break the tree may well hang it. */
const TIMEOUT_MS = 180_000

type Verdict = 'red' | 'GREEN' | 'no such edit' | 'no such test' | 'does not load'

const chosen = SABOTAGES.filter(({ name }) => name.includes(process.argv[2] ?? ''))
const copy = mkdtempSync(join(tmpdir(), 'sabotage-'))
const rows: [sabotage: string, test: string, verdict: Verdict][] = []
try {
  for (const part of COPIED) cpSync(join(ROOT, part), join(copy, part), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  for (const sabotage of chosen) {
    const { file, named } = sabotage.test
    rows.push([sabotage.name, `${file}: ${named}`, await verdictOf(sabotage)])
    process.stderr.write(`${rows.length}/${chosen.length} ${sabotage.name}: ${rows.at(-1)?.[2]}\n`)
  }
} finally {
  rmSync(copy, { recursive: true })
}

const red = rows.filter(([, , verdict]) => verdict === 'red').length
process.stdout.write(`${table()}\n\n${red} of ${rows.length} noticed\n`)
process.exitCode = red === rows.length ? 0 : 1

async function verdictOf(sabotage: Sabotage): Promise<Verdict> {
  const files = sabotaged(copy, sabotage)
  if (!files) return 'no such edit'
  const before = files.map(({ path }) => ({ path, text: readFileSync(path, 'utf8') }))
  for (const { path, text } of files) writeFileSync(path, text)
  try {
    return await runTests(sabotage.test)
  } finally {
    for (const { path, text } of before) writeFileSync(path, text)
  }
}

async function runTests({ file, named }: Sabotage['test']): Promise<Verdict> {
  const results = join(copy, 'results.json')
  rmSync(results, { force: true })
  const jest = spawn(
    process.execPath,
    [
      ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
      ...['node_modules/jest/bin/jest.js', file, '--testNamePattern', named],
      ...['--json', '--outputFile', results, '--forceExit', '--silent'],
    ],
    { cwd: copy, stdio: 'ignore', timeout: TIMEOUT_MS },
  )
  await once(jest, 'exit')
  // Whoever hangs is noticed as well.
  if (jest.signalCode) return 'red'

  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(
    readFileSync(results, 'utf8'),
  )
  if (numRuntimeErrorTestSuites > 0) return 'does not load'
  if (numFailedTests > 0) return 'red'
  return numPassedTests > 0 ? 'GREEN' : 'no such test'
}

function table(): string {
  return [
    '| sabotage | test that notices | |',
    '|---|---|---|',
    ...rows.map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`),
  ].join('\n')
}
