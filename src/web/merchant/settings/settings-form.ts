import { maskCardNumbers } from '../../../card-numbers.ts'
import { isEmail, MAX_EMAIL_LENGTH } from '../../../email-address.ts'
import { isTimeZone, type Settings, SUB_ACCOUNT } from '../../../merchants/settings.ts'
import type { Shop } from '../../../merchants/shop.ts'
import { LANGUAGE_NAMES, wordsFor } from '../../../words/words.ts'
import { versionIn } from '../../form-fields.ts'
import { MAX_NAME_LENGTH, readField } from '../../shop/contact-form.ts'

export const MAX_TAGLINE_LENGTH = 160

export type SettingsForm = {
  settings: Settings
  /** Of the settings that the form was made for. */
  version: number
  problems: { [Field in keyof Settings]?: string }
}

/** Reads the form. What cannot be taken has its problem in words, and is kept to be shown again. */
export function readSettings(fields: Record<string, string>, shop: Shop): SettingsForm {
  const said = wordsFor(shop.language).deskSettings.problems
  const name = readField(fields.name, MAX_NAME_LENGTH)
  const tagline = readField(fields.tagline, MAX_TAGLINE_LENGTH)
  const email = readField(fields.support_email, MAX_EMAIL_LENGTH)
  const { time_zone: timeZone = '', language = '', sub_account: account = '' } = fields

  const nameTexts = {
    missing: said.noName,
    too_long: said.longName(MAX_NAME_LENGTH),
    wrong: said.wrongName,
  }
  const taglineTexts = {
    missing: undefined,
    too_long: said.longTagline(MAX_TAGLINE_LENGTH),
    wrong: said.wrongTagline,
  }
  const settings = {
    name: maskCardNumbers(name.value),
    tagline: maskCardNumbers(tagline.value),
    supportEmail: email.value,
    // One that this Node does not list any more may stay.
    timeZone: timeZone === shop.timeZone || isTimeZone(timeZone) ? timeZone : shop.timeZone,
    language: LANGUAGE_NAMES.has(language) ? language : shop.language,
    accountId: account.trim().slice(0, 80),
  }
  const problems = {
    name: name.problem && nameTexts[name.problem],
    tagline: tagline.problem && taglineTexts[tagline.problem],
    supportEmail: email.problem || !isEmail(email.value) ? said.wrongEmail : undefined,
    timeZone: settings.timeZone === timeZone ? undefined : said.wrongTimeZone,
    language: settings.language === language ? undefined : said.wrongLanguage,
    accountId: SUB_ACCOUNT.test(settings.accountId) ? undefined : said.wrongAccount,
  }
  return {
    settings,
    version: versionIn(fields),
    problems: Object.fromEntries(Object.entries(problems).filter(([, text]) => text !== undefined)),
  }
}
