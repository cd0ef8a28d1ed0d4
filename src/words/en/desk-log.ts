type Data = Record<string, string | number | boolean | null>

const told = (words: (data: Data) => string) => words

/** Acts of before that was kept have no values, only the names of what changed. */
function settingsText(data: Data): string {
  const fields = String(data.fields).split(', ')
  const texts = fields.map((field) => {
    const [from, to] = [data[`${field}_from`], data[`${field}_to`]]
    return to === undefined ? field : `${field} “${from}” → “${to}”`
  })
  return texts.join(', ')
}

function changeText(data: Data, what: 'price' | 'stock'): string | undefined {
  const [from, to] = [data[`${what}_from`], data[`${what}_to`]]
  if (from === undefined) return undefined
  return `${what} ${from ?? 'not counted'} → ${to ?? 'not counted'}`
}

/** What somebody did at the desk, by the kind of the act. */
export const deskLog = {
  byKind: {
    signed_in: told(() => 'Signed in'),
    signed_out: told(() => 'Signed out'),
    refused: told(({ method, path }) => `Was refused: ${method} ${path}`),
    merchant_created: told(() => 'Opened the shop'),
    user_added: told(({ email }) => `Added ${email}`),
    user_invited: told(({ email, role }) => `Invited ${email} as ${role}`),
    invitation_accepted: told(() => 'Accepted the invitation'),
    user_changed: told(({ email, role, mayRefund, mayExport }) => {
      const rights = [mayRefund && 'refunds', mayExport && 'exports'].filter(Boolean)
      return `Changed the rights of ${email}: ${[role, ...rights].join(', ')}`
    }),
    user_disabled: told(({ email }) => `Disabled ${email}`),
    user_enabled: told(({ email }) => `Enabled ${email}`),
    user_renamed: told(({ name }) => `Changed their name to ${name}`),
    password_changed: told(({ email }) =>
      email ? `Changed the password of ${email}` : 'Changed their password',
    ),
    password_reset: told(() => 'Chose a new password by a mailed link'),
    settings_changed: told((data) => `Changed settings: ${settingsText(data)}`),
    product_created: told(({ name }) => `Added the product ${name}`),
    product_changed: told((data) => {
      const changes = [changeText(data, 'price'), changeText(data, 'stock')].filter(Boolean)
      const text = `Changed the product ${data.name}`
      return changes.length > 0 ? `${text}: ${changes.join(', ')}` : text
    }),
    product_moved: told(({ name, direction }) => `Moved the product ${name} ${direction}`),
    product_archived: told(({ name }) => `Archived the product ${name}`),
    product_restored: told(({ name }) => `Restored the product ${name}`),
    job_begun: told(({ kind, about }) =>
      kind === 'reconcile'
        ? `Compared the books of ${about} with JustiFi`
        : `Had orders checked with JustiFi: ${about || 'all of them'}`,
    ),
    job_cancelled: told(() => 'Stopped work that was going on'),
    event_processed_again: told(({ event }) => `Processed the webhook ${event} again`),
    orders_exported: told(({ filter, rows }) => {
      const what = rows === 'items' ? 'orders with their items' : 'orders'
      return filter ? `Downloaded ${what}: ${filter}` : `Downloaded all ${what}`
    }),
    item_explained: told(({ subject, note }) => `Explained ${subject}: ${note}`),
    differences_exported: told(({ about }) => `Downloaded the differences of ${about}`),
  },
}
