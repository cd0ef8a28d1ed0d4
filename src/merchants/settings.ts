import type { Db, Transaction } from '../db/database.ts'
import { recordAct } from './audit-log.ts'
import type { Shop } from './shop.ts'

/** What an owner can change about a shop. Slug and currency stay: links and orders hang on them. */
export type Settings = Pick<
  Shop,
  'name' | 'tagline' | 'supportEmail' | 'timeZone' | 'language' | 'accountId'
>

const COLUMNS = {
  name: 'name',
  tagline: 'tagline',
  supportEmail: 'support_email',
  timeZone: 'time_zone',
  language: 'language',
  accountId: 'sub_account_id',
} as const satisfies Record<keyof Settings, string>

/** The version that a form is made for. It goes up with each change. */
export async function settingsVersion(db: Db, merchantId: string): Promise<number> {
  const { version } = await db
    .selectFrom('merchants')
    .select('version')
    .where('id', '=', merchantId)
    .executeTakeFirstOrThrow()
  return version
}

/** When the settings were last changed, as the log has it. */
export async function settingsChangedAt(db: Db, merchantId: string): Promise<Date | undefined> {
  const row = await db
    .selectFrom('audit_log')
    .select('at')
    .where('merchant_id', '=', merchantId)
    .where('kind', '=', 'settings_changed')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && new Date(row.at)
}

/**
 * Writes a shop's settings, provided nobody has changed them since `version` was read. Orders that
 * are placed keep the account that they were placed with.
 *
 * @returns whether this caller won
 */
export async function changeSettings(
  trx: Transaction,
  change: { shop: Shop; actor: string; settings: Settings; version: number },
  at: Date,
): Promise<boolean> {
  const { shop, actor, settings, version } = change
  const { merchantId } = shop
  const { numUpdatedRows } = await trx
    .updateTable('merchants')
    .set({
      name: settings.name,
      tagline: settings.tagline,
      support_email: settings.supportEmail,
      time_zone: settings.timeZone,
      language: settings.language,
      sub_account_id: settings.accountId,
      version: version + 1,
    })
    .where('id', '=', merchantId)
    .where('version', '=', version)
    .executeTakeFirst()
  if (numUpdatedRows !== 1n) return false

  const names = Object.keys(COLUMNS) as (keyof Settings)[]
  const changed = names.filter((name) => settings[name] !== shop[name])
  const fields = changed.map((name) => COLUMNS[name]).join(', ')
  await recordAct(trx, { merchantId, actor, kind: 'settings_changed', data: { fields } }, at)
  return true
}

/** Whether the shop's clock can be set to it. */
export function isTimeZone(text: string): boolean {
  return timeZones().includes(text)
}

let zones: string[] | undefined

/** IANA names that this Node knows, UTC among them. */
export function timeZones(): string[] {
  zones ??= [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])]
  return zones
}

/** What JustiFi's sub accounts are called. */
export const SUB_ACCOUNT = /^acc_[A-Za-z0-9_-]{1,64}$/
