import type { Generated, Insertable, Selectable, Updateable } from 'kysely'

/**
 * Every table on one page. Money is whole minor units with a currency beside it, times are ISO-8601
 * UTC text, booleans are 0 or 1, and what is only carried is JSON text: SQLite and PostgreSQL then
 * store, sort and return the same values, and no query asks which of them it is on.
 */
export type Schema = {
  merchants: MerchantTable
  users: UserTable
  user_links: UserLinkTable
  audit_log: AuditLogTable
  products: ProductTable
  product_images: ProductImageTable
  orders: OrderTable
  order_items: OrderItemTable
  checkout_sessions: CheckoutSessionTable
  payments: PaymentTable
  timeline: TimelineTable
  webhook_events: WebhookEventTable
  refunds: RefundTable
  disputes: DisputeTable
  open_items: OpenItemTable
  outbox: OutboxTable
  passes: PassTable
  jobs: JobTable
  reconciliation_rows: ReconciliationRowTable
  sessions: SessionTable
  rate_limits: RateLimitTable
}

export type MerchantTable = {
  id: string
  slug: string
  name: string
  tagline: string
  currency: string
  /** The merchant's account at JustiFi, `acc_…`. */
  sub_account_id: string
  support_email: string
  /** IANA name; times are shown in it. */
  time_zone: string
  /** Which message file the shop speaks. */
  language: string
  /** Goes up with every change of the settings; a writer writes only on the one it read. */
  version: Generated<number>
  created_at: string
}

/** A person who signs in for a merchant. */
export type UserTable = {
  id: string
  merchant_id: string
  /** In lower case; unique across the installation. */
  email: string
  name: string
  /** owner, staff or viewer. */
  role: string
  may_refund: number
  may_export: number
  /** Null until an invitation was accepted. */
  password_hash: string | null
  /** Goes up to end all of the user's sessions: each names the version that it began with. */
  sessions_version: number
  disabled_at: string | null
  created_at: string
  updated_at: string
}

/** A mailed link by which a user sets a password, once. */
export type UserLinkTable = {
  /** SHA-256 of the link's token. */
  token_hash: string
  user_id: string
  merchant_id: string
  /** invitation or password_reset. */
  kind: string
  expires_at: string
  used_at: string | null
  created_at: string
}

/** What users did that is on no order's timeline. Rows are added, never changed. */
export type AuditLogTable = {
  id: string
  merchant_id: string
  at: string
  /** The user's e-mail, or `operator` for what was done at the command line. */
  actor: string
  kind: string
  data: string
}

export type ProductTable = {
  id: string
  merchant_id: string
  slug: string
  name: string
  description: string
  price_cents: number
  /** Path of the picture below /assets, or null. One that was uploaded is `uploads/HASH`. */
  image: string | null
  image_alt: string
  /** Pieces left; null where they are not counted. Below zero, money came for more than that. */
  stock: number | null
  /** Where it stands in the catalogue, lowest first. */
  position: number
  archived_at: string | null
  version: number
  created_at: string
  updated_at: string
}

/** A picture that a merchant brought. It never changes: another one has another hash. */
export type ProductImageTable = {
  merchant_id: string
  /** SHA-256 of the bytes. */
  hash: string
  /** MIME type, as the bytes themselves tell it. */
  type: string
  bytes: Uint8Array
  created_at: string
}

export type OrderTable = {
  id: string
  merchant_id: string
  /** For people; unique across the installation and not in sequence. */
  number: string
  /** SHA-256 of the link's token: finds an order without storing its key. */
  token_hash: string
  /** The token, sealed with a key of the installation, so that the link can be mailed again. */
  token_sealed: string
  /** The cart's version that was ordered. A second submit of the same form finds this order. */
  checkout_key: string
  status: string
  /** Why a person has to look; only with `needs_review`. */
  reason: string | null
  /** Goes up with every change of the order's state; a writer writes only on the one it read. */
  version: number
  customer_name: string
  customer_email: string
  currency: string
  total_cents: number
  /** Sub account and side of JustiFi that the money belongs to, as they were at placement. */
  account_id: string
  mode: string
  /** Key and content of the payment intent's creation, kept so that a repeat sends the same bytes. */
  intent_key: string
  intent_description: string
  intent_id: string | null
  /** End of the newest hosted page, by JustiFi's clock. */
  page_ends_at: string | null
  /** When the customer first came back from paying. */
  returned_at: string | null
  cancelled_at: string | null
  paid_at: string | null
  /** The payment that counts. Sums of it below. */
  payment_id: string | null
  paid_cents: number
  refunded_cents: number
  disputed_cents: number
  /** When JustiFi was last asked, and when it last answered so that it could be understood. */
  asked_at: string | null
  answered_at: string | null
  /** When the watcher looks at the order next; null when never again. */
  next_check_at: string | null
  /** Looks since something last happened; the gaps grow with it. */
  check_count: number
  leased_until: string | null
  /** JSON: what reviewers accepted, and of which money. */
  accepted_reviews: string | null
  /** Since when JustiFi has shown nothing of money that it once showed. */
  denied_at: string | null
  /** Since when JustiFi has been asked about it in vain. */
  unanswered_since: Generated<string | null>
  fulfilled_at: Generated<string | null>
  /** What `searchColumns` makes of name and e-mail; compared byte by byte, as `number` is. */
  search_name: Generated<string>
  search_last_name: Generated<string>
  search_email: Generated<string>
  created_at: string
  updated_at: string
}

export type OrderItemTable = {
  order_id: string
  merchant_id: string
  /** 1, 2, 3 … in the cart's order. */
  line: number
  product_id: string
  /** Copies: a product that changes later leaves the order as it was. */
  product_slug: string
  product_name: string
  unit_price_cents: number
  quantity: number
  total_cents: number
  /** Pieces taken from the stock and not given back; null where none were counted. */
  held: number | null
}

export type CheckoutSessionTable = {
  order_id: string
  merchant_id: string
  /** 1 for the first page opened for the order, 2 for the next … */
  ordinal: number
  idempotency_key: string
  /** Origin of the return URLs that were sent; a repeat must send the same ones. */
  return_origin: string
  /** Null until JustiFi's answer is stored. */
  session_id: string | null
  expires_at: string | null
  created_at: string
}

/** A mirror of each payment that JustiFi has for an order. */
export type PaymentTable = {
  /** `py_…` */
  id: string
  order_id: string
  merchant_id: string
  account_id: string
  is_test: number
  status: string
  amount_cents: number
  currency: string
  refunded_cents: number
  disputed_cents: number
  fee_cents: number | null
  method: string | null
  brand: string | null
  last_four: string | null
  error_code: string | null
  error_message: string | null
  /** Promised back and not yet in `refunded_cents`: what cannot be promised again. */
  reserved_cents: Generated<number>
  created_at: string
  updated_at: string
}

/** What happened to an order, by whom and how it became known. Rows are added, never changed. */
export type TimelineTable = {
  id: string
  order_id: string
  merchant_id: string
  at: string
  kind: string
  source: string
  actor: string | null
  data: string
}

/** A refund: asked for here, with its key before the call, or made at JustiFi and found. */
export type RefundTable = {
  id: string
  order_id: string
  merchant_id: string
  payment_id: string
  /** Null for one that was made at JustiFi. */
  idempotency_key: string | null
  /** Of the form that asked for it: a second submit finds this refund. */
  form_key: string | null
  /** JustiFi's `re_…`, once known. */
  refund_id: string | null
  amount_cents: number
  reason: string | null
  note: string | null
  /** requested, unknown, pending, succeeded or failed. */
  outcome: string
  error_code: string | null
  /** Who asked for it. */
  actor: string | null
  next_check_at: string | null
  check_count: number
  leased_until: string | null
  /** A person has seen to it that it failed, or that nobody knows its outcome. */
  dealt_with_at: Generated<string | null>
  created_at: string
  updated_at: string
}

/** A mirror of each dispute that JustiFi has for an order. */
export type DisputeTable = {
  /** `dp_…` */
  id: string
  order_id: string
  merchant_id: string
  payment_id: string
  status: string
  amount_cents: number
  currency: string
  reason: string | null
  due_date: string | null
  created_at: string
  updated_at: string
}

/** Money that no order explains, for a person to look at. */
export type OpenItemTable = {
  id: string
  /** Null: no merchant has this account, so it is the operator's. */
  merchant_id: string | null
  account_id: string
  kind: string
  /** What it is about, such as JustiFi's payment. One item for each. */
  subject_id: string
  amount_cents: number
  currency: string
  data: string
  found_at: string
  resolved_at: string | null
  resolution: string | null
}

/** Mails to be sent, each once: written in the transaction of what they tell. */
export type OutboxTable = {
  id: string
  /** Names the effect; a second of the same name is not made. */
  key: string
  kind: string
  /** What the mail is about: an order, or else a user. */
  order_id: string | null
  user_id: string | null
  merchant_id: string
  data: string
  due_at: string
  attempts: number
  leased_until: string | null
  sent_at: string | null
  last_error: string | null
  created_at: string
}

/** How far a periodic pass over one of JustiFi's lists has come. */
export type PassTable = {
  account_id: string
  /** payments, refunds or disputes. */
  list: string
  /** The next page of the pass under way; null between passes. */
  cursor: string | null
  /** Everything made before it has been seen by a complete pass. */
  watermark: string | null
  /** Creation time of the newest record that the pass under way has seen. */
  newest_seen: string | null
  due_at: string
  leased_until: string | null
  finished_at: string | null
}

/** Long work that somebody began at the desk: it goes on in steps, and after a restart. */
export type JobTable = {
  id: string
  merchant_id: string
  /** check_orders or reconcile. */
  kind: string
  /** Of the form that began it: a second submit finds this job. */
  form_key: string
  /** JSON: what it was begun with. */
  params: string
  /** open, done, cancelled or failed. */
  state: string
  /** Where the next step goes on, in the kind's own words. */
  cursor: string | null
  /** Null while, or where, it is not known. */
  total: number | null
  done_count: number
  changed_count: number
  failed_count: number
  /** JSON: what it found, of a kind that finds something. */
  result: string | null
  /** The user's e-mail. */
  begun_by: string
  due_at: string
  /** Steps in a row that came to nothing, because JustiFi did not answer. */
  vain_tries: number
  /** Goes up with every lease; a step is kept only under the newest. */
  lease: number
  leased_until: string | null
  created_at: string
  updated_at: string
  finished_at: string | null
}

/** A payment, refund or dispute of a reconciliation: as JustiFi lists it, and as it is booked here. */
export type ReconciliationRowTable = {
  job_id: string
  merchant_id: string
  /** payments, refunds or disputes. */
  list: string
  /** JustiFi's id; the shop's for a refund whose id at JustiFi is not known. */
  subject_id: string
  /** Of a refund or dispute. */
  payment_id: string | null
  order_id: string | null
  at: string
  /** All null where JustiFi does not list it. */
  there_status: string | null
  there_cents: number | null
  there_currency: string | null
  there_fee_cents: number | null
  there_refunded_cents: number | null
  /** All null where it is not in the shop's books. */
  here_status: string | null
  here_cents: number | null
  here_currency: string | null
  here_fee_cents: number | null
  here_refunded_cents: number | null
  difference: string | null
}

export type WebhookEventTable = {
  /** JustiFi's `evt_…`; a second delivery finds the row. */
  id: string
  name: string
  account_id: string | null
  account_type: string | null
  /** Of the raw body: tells a repeat from another event under the same id. */
  body_hash: string
  body: string
  deliveries: number
  outcome: string
  order_id: string | null
  merchant_id: string | null
  received_at: string
  processed_at: string | null
  /** Whether anything in the books changed by it. */
  brought_news: Generated<number>
  /** Null while it came once. */
  last_delivery_at: Generated<string | null>
}

export type SessionTable = {
  id: string
  data: string
  expires_at: string
}

export type RateLimitTable = {
  key: string
  points: number
  /** Unix milliseconds; null for a key that does not expire. */
  expires_at: number | null
}

export type Row<Table extends keyof Schema> = Selectable<Schema[Table]>
export type NewRow<Table extends keyof Schema> = Insertable<Schema[Table]>
export type Change<Table extends keyof Schema> = Updateable<Schema[Table]>
