import { ConfigError, loadConfig } from '../config.ts'
import { openDatabase } from '../db/database.ts'
import { migrateDatabase, SchemaTooNewError } from '../db/migrate.ts'
import { databaseTrouble } from '../db/unavailable.ts'
import { createLog } from '../log.ts'

// `npm run migrate`: brings the database to the newest schema, as every start does too.
try {
  const config = loadConfig()
  const db = openDatabase(config.database, createLog(config.logLevel))
  const done = await migrateDatabase(db)
  await db.destroy()
  console.log(done.length > 0 ? `Migrated: ${done.join(', ')}` : 'The database is up to date.')
} catch (error) {
  const isTold = error instanceof ConfigError || error instanceof SchemaTooNewError
  const trouble = isTold ? error.message : databaseTrouble(error)
  if (trouble === undefined) throw error
  console.error(trouble)
  process.exitCode = 1
}
