import { type Settings, timeZones } from '../../../merchants/settings.ts'
import { hasRight } from '../../../merchants/user.ts'
import { LANGUAGE_NAMES, type Words, wordsFor } from '../../../words/words.ts'
import { type FormErrors, formErrors } from '../../form-errors.ts'
import { type LayoutContext, shopPath } from '../../layout.ts'
import { type TextField, textField } from '../../text-field.ts'
import type { DeskVisit } from '../desk.ts'
import { type DeskLayout, deskLayout } from '../desk-layout.ts'
import { type SelectField, withError } from '../fields.ts'
import { LOG_PATH, SETTINGS_PATH } from './paths.ts'
import type { SettingsForm } from './settings-form.ts'

type Facts = { label: string; text: string }[]

export type SettingsPage = {
  layout: DeskLayout
  words: Words['deskSettings']
  errors?: FormErrors
  notice?: string
  /** Somebody else has changed the settings since the form was opened. */
  clash?: string
  lead: string
  /** For who may change them; others see `facts`. */
  form?: {
    action: string
    version: number
    texts: TextField[]
    selects: SelectField[]
    account: TextField
  }
  facts: Facts
  links: { url: string; text: string }[]
}

type Given = {
  ctx: LayoutContext
  visit: DeskVisit
  version: number
  /** What was sent, where the page is shown again. */
  form?: SettingsForm
  clashAt?: string | undefined
  notice?: string | undefined
}

export function settingsPage(given: Given): SettingsPage {
  const { ctx, visit, version, form, clashAt, notice } = given
  const { shop, user } = visit
  const words = wordsFor(shop.language).deskSettings
  const mayChange = hasRight(user, 'manage')
  const settings = form?.settings ?? shop
  const fields = fieldsOf(settings, form?.problems ?? {}, words)
  const errors = formErrors(
    shop.language,
    Object.fromEntries(
      [...fields.texts, ...fields.selects, fields.account].map(({ id, error }) => [id, error]),
    ),
  )
  const fixed = [
    { label: words.slug, text: shopPath(shop.slug) },
    { label: words.currency, text: shop.currency.toUpperCase() },
    { label: words.mode, text: words.modes[ctx.justifi.mode] },
  ]

  return {
    layout: deskLayout({
      ctx,
      visit,
      page: 'merchant-settings',
      part: 'settings',
      title: words.title,
      hasErrors: errors !== undefined || clashAt !== undefined,
    }),
    words,
    ...(errors && { errors }),
    ...(notice && { notice }),
    ...(clashAt && { clash: words.clash(clashAt) }),
    lead: words.lead(shop.name),
    ...(mayChange && { form: { action: SETTINGS_PATH, version, ...fields } }),
    facts: mayChange ? fixed : [...shown(settings, words), ...fixed],
    links: mayChange
      ? [
          { url: '/merchant/users', text: words.people },
          { url: LOG_PATH, text: words.log },
        ]
      : [],
  }
}

function fieldsOf(
  settings: Settings,
  problems: SettingsForm['problems'],
  words: Words['deskSettings'],
) {
  const plain = { type: 'text', autocomplete: 'off' } as const
  return {
    texts: [
      textField(
        { ...plain, id: 'name', label: words.name, hint: words.nameHint, value: settings.name },
        problems.name,
      ),
      textField(
        {
          ...plain,
          id: 'tagline',
          label: words.tagline,
          hint: words.taglineHint,
          value: settings.tagline,
          optional: true,
        },
        problems.tagline,
      ),
      textField(
        {
          ...plain,
          type: 'email',
          id: 'support_email',
          label: words.supportEmail,
          hint: words.supportEmailHint,
          value: settings.supportEmail,
        },
        problems.supportEmail,
      ),
    ],
    selects: [
      selectField('time_zone', words.timeZone, words.timeZoneHint, zonesWith(settings.timeZone), {
        chosen: settings.timeZone,
        error: problems.timeZone,
      }),
      selectField('language', words.language, undefined, [...LANGUAGE_NAMES], {
        chosen: settings.language,
        error: problems.language,
      }),
    ],
    account: textField(
      {
        ...plain,
        id: 'sub_account',
        label: words.account,
        hint: words.accountHint,
        value: settings.accountId,
      },
      problems.accountId,
    ),
  }
}

function selectField(
  id: string,
  label: string,
  hint: string | undefined,
  options: [string, string][],
  { chosen, error }: { chosen: string; error: string | undefined },
): SelectField {
  return withError<SelectField>(
    {
      id,
      label,
      ...(hint && { hint }),
      options: options.map(([value, text]) => ({ value, label: text, selected: value === chosen })),
    },
    error,
  )
}

function zonesWith(current: string): [string, string][] {
  const names = timeZones()
  const all = names.includes(current) ? names : [current, ...names]
  return all.map((zone) => [zone, zone.replaceAll('_', ' ')])
}

function shown(settings: Settings, words: Words['deskSettings']): Facts {
  return [
    { label: words.name, text: settings.name },
    { label: words.tagline, text: settings.tagline },
    { label: words.supportEmail, text: settings.supportEmail },
    { label: words.timeZone, text: settings.timeZone.replaceAll('_', ' ') },
    { label: words.language, text: LANGUAGE_NAMES.get(settings.language) ?? settings.language },
    { label: words.account, text: settings.accountId },
  ]
}
