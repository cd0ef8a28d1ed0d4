import { openKeeper, SHARED_HOME } from './postgres.ts'

/** Runs once, before the workers start: they inherit the environment. */
export default function globalSetup(): void {
  process.env[SHARED_HOME] = openKeeper({ fsync: false })
}
