import { systemClock } from '../clock.ts'
import type { Db, Transaction } from '../db/database.ts'
import { inTransaction } from '../db/transaction.ts'
import { type ActKind, OPERATOR, recordAct } from '../merchants/audit-log.ts'
import { insertMerchant } from '../merchants/insert-merchant.ts'
import {
  LONGEST_PASSWORD,
  type PasswordProblem,
  passwordProblem,
  SHORTEST_PASSWORD,
} from '../merchants/password-rules.ts'
import { hashPassword } from '../merchants/passwords.ts'
import { findShop } from '../merchants/queries.ts'
import { setPassword } from '../merchants/user-changes.ts'
import { findUserByEmail, insertUser } from '../merchants/user-queries.ts'
import { type Command, OptionsError } from './merchant-options.ts'

/**
 * Does what `npm run merchant` was asked for.
 *
 * @param askPassword called once everything else is known to be right
 * @returns what to tell the operator
 * @throws OptionsError for what is taken, missing in the database, or no good as a password
 */
export async function runMerchant(
  db: Db,
  command: Command,
  askPassword: () => Promise<string>,
): Promise<string> {
  const problems = await problemsOf(db, command)
  if (problems.length > 0) throw new OptionsError(problems)

  const password = await askPassword()
  const problem = await passwordProblem(password, namesIn(command))
  if (problem) throw new OptionsError([PASSWORD_TEXTS[problem]])
  const passwordHash = await hashPassword(password)

  return inTransaction(db, (trx) => carryOut(trx, command, passwordHash))
}

const PASSWORD_TEXTS: Record<PasswordProblem, string> = {
  missing: 'No password was given.',
  short: `The password has to have ${SHORTEST_PASSWORD} characters or more.`,
  long: `The password may have at most ${LONGEST_PASSWORD} characters.`,
  common: 'Many people use that password, so it is guessed first. Choose another one.',
  personal: 'The password may not be the name or address of the user or the shop.',
}

/** Asked before the password is, and once more by the rows themselves when they are written. */
async function problemsOf(db: Db, command: Command): Promise<string[]> {
  switch (command.name) {
    case 'create':
      return [
        (await findShop(db, command.merchant.slug)) && slugTaken(command.merchant.slug),
        (await findUserByEmail(db, command.owner.email)) && emailTaken(command.owner.email),
      ].filter((problem) => problem !== undefined)
    case 'add-user':
      return [
        (await findShop(db, command.slug)) ? undefined : `There is no shop ${command.slug}.`,
        (await findUserByEmail(db, command.user.email)) && emailTaken(command.user.email),
      ].filter((problem) => problem !== undefined)
    case 'reset-password':
      return (await findUserByEmail(db, command.email)) ? [] : [nobodyHas(command.email)]
  }
}

async function carryOut(trx: Transaction, command: Command, passwordHash: string): Promise<string> {
  const now = systemClock.now()
  const record = (merchantId: string, kind: ActKind, data: Record<string, string>) =>
    recordAct(trx, { merchantId, actor: OPERATOR, kind, data }, now)

  switch (command.name) {
    case 'create': {
      const { merchant, owner } = command
      const merchantId = await insertMerchant(trx, { ...merchant, language: 'en' }, now)
      if (merchantId === undefined) throw new OptionsError([slugTaken(merchant.slug)])
      const rights = { role: 'owner', mayRefund: true, mayExport: true } as const
      const added = await insertUser(trx, { ...owner, ...rights, merchantId, passwordHash }, now)
      if (added === undefined) throw new OptionsError([emailTaken(owner.email)])
      await record(merchantId, 'merchant_created', { slug: merchant.slug })
      await record(merchantId, 'user_added', { email: owner.email })
      return `${merchant.name} is open at /shops/${merchant.slug}. ${owner.email} signs in at /merchant.`
    }
    case 'add-user': {
      const { user, slug } = command
      const shop = await findShop(trx, slug)
      if (!shop) throw new OptionsError([`There is no shop ${slug}.`])
      const { merchantId } = shop
      const rights = { mayRefund: false, mayExport: false }
      const added = await insertUser(trx, { ...user, ...rights, merchantId, passwordHash }, now)
      if (added === undefined) throw new OptionsError([emailTaken(user.email)])
      await record(merchantId, 'user_added', { email: user.email })
      return `${user.email} signs in at /merchant, as ${user.role} of ${shop.name}.`
    }
    case 'reset-password': {
      const user = await findUserByEmail(trx, command.email)
      if (!user) throw new OptionsError([nobodyHas(command.email)])
      await setPassword(trx, user, passwordHash, now)
      await record(user.merchantId, 'password_changed', { email: user.email })
      return `${user.email} has a new password, and is signed out everywhere.`
    }
  }
}

function namesIn(command: Command): string[] {
  if (command.name === 'create') {
    return [command.owner.email, command.owner.name, command.merchant.name, command.merchant.slug]
  }
  return command.name === 'add-user' ? [command.user.email, command.user.name] : [command.email]
}

function slugTaken(slug: string): string {
  return `--slug ${slug} is taken by another shop`
}

function emailTaken(email: string): string {
  return `--email ${email} is taken: somebody signs in with it already`
}

function nobodyHas(email: string): string {
  return `Nobody signs in with ${email}.`
}
