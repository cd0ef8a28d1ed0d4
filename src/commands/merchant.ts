import { ConfigError, loadConfig, merchantPassword } from '../config.ts'
import { openDatabase } from '../db/database.ts'
import { migrateDatabase, SchemaTooNewError } from '../db/migrate.ts'
import { databaseTrouble } from '../db/unavailable.ts'
import { createLog } from '../log.ts'
import { askHidden, InputEndedError } from './hidden-input.ts'
import { OptionsError, readCommand } from './merchant-options.ts'
import { runMerchant } from './run-merchant.ts'

// `npm run merchant`: makes merchants and people at the command line, the first of which nobody
// could invite.
try {
  const command = readCommand(process.argv.slice(2))
  const config = loadConfig()
  const db = openDatabase(config.database, createLog(config.logLevel))
  try {
    await migrateDatabase(db)
    console.log(await runMerchant(db, command, askPassword))
  } finally {
    await db.destroy()
  }
} catch (error) {
  const trouble = isTold(error) ? error.message : databaseTrouble(error)
  if (trouble === undefined) throw error
  console.error(trouble)
  process.exitCode = 1
}

/** Twice, as nobody sees what they type. */
async function askPassword(): Promise<string> {
  const given = merchantPassword()
  if (given !== undefined) return given
  if (!process.stdin.isTTY) {
    throw new OptionsError(['There is no terminal to type a password in: set MERCHANT_PASSWORD.'])
  }
  const password = await askHidden('Password (not shown): ')
  if ((await askHidden('Once more: ')) === password) return password
  throw new OptionsError(['The two passwords differ. Nothing was changed.'])
}

function isTold(error: unknown): error is Error {
  return [ConfigError, SchemaTooNewError, OptionsError, InputEndedError].some(
    (kind) => error instanceof kind,
  )
}
