import { closeKeeper, SHARED_HOME } from './postgres.ts'

export default async function globalTeardown(): Promise<void> {
  const home = process.env[SHARED_HOME]
  if (home) await closeKeeper(home)
}
