import type { Db, Transaction } from '../db/database.ts'
import { type ActData, recordAct } from './audit-log.ts'
import { toShop } from './queries.ts'
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

/** `clash`: somebody else was there first. `account_taken`: another merchant has the account. */
export type SettingsChange = 'changed' | 'clash' | 'account_taken'

/**
 * Writes a shop's settings, provided nobody has changed them since `version` was read. Orders that
 * are placed keep the account that they were placed with. Who has an account sees its payments, so
 * one that another merchant has is refused: only the operator lets two shops share one.
 */
export async function changeSettings(
  trx: Transaction,
  change: { merchantId: string; actor: string; settings: Settings; version: number },
  at: Date,
): Promise<SettingsChange> {
  const { merchantId, actor, settings, version } = change
  const row = await trx
    .selectFrom('merchants')
    .selectAll()
    .where('id', '=', merchantId)
    .executeTakeFirstOrThrow()
  if (row.version !== version) return 'clash'
  const before: Settings = toShop(row)
  const { accountId } = settings
  if (accountId !== before.accountId && (await isTaken(trx, merchantId, accountId))) {
    return 'account_taken'
  }

  const { numUpdatedRows } = await trx
    .updateTable('merchants')
    .set({
      name: settings.name,
      tagline: settings.tagline,
      support_email: settings.supportEmail,
      time_zone: settings.timeZone,
      language: settings.language,
      sub_account_id: accountId,
      version: version + 1,
    })
    .where('id', '=', merchantId)
    .where('version', '=', version)
    .executeTakeFirst()
  if (numUpdatedRows !== 1n) return 'clash'

  const data = changesOf(before, settings)
  await recordAct(trx, { merchantId, actor, kind: 'settings_changed', data }, at)
  return 'changed'
}

/**
 * Whether another merchant has an account. Who asks that queues for the row of the first merchant,
 * so that of two who take one account at the same moment the second sees what the first did.
 */
async function isTaken(trx: Transaction, merchantId: string, accountId: string): Promise<boolean> {
  await trx
    .updateTable('merchants')
    .set((set) => ({ version: set.ref('version') }))
    .where('id', '=', ({ selectFrom }) =>
      selectFrom('merchants').select(({ fn }) => fn.min('id').as('first')),
    )
    .execute()
  const other = await trx
    .selectFrom('merchants')
    .select('id')
    .where('sub_account_id', '=', accountId)
    .where('id', '<>', merchantId)
    .executeTakeFirst()
  return other !== undefined
}

/** The columns that changed, in `fields`, and what each held before and holds now. */
function changesOf(before: Settings, after: Settings): ActData {
  const names = Object.keys(COLUMNS) as (keyof Settings)[]
  const changed = names.filter((name) => after[name] !== before[name])
  const values = changed.flatMap((name) => [
    [`${COLUMNS[name]}_from`, before[name]],
    [`${COLUMNS[name]}_to`, after[name]],
  ])
  const fields = changed.map((name) => COLUMNS[name]).join(', ')
  return { fields, ...Object.fromEntries(values) }
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
