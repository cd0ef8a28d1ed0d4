/** A safety rule taken out of the code, and the tests that have to notice. */
export type Sabotage = {
  name: string
  edits: Edit[]
  /** File of a test, and a pattern for the names of those that are run of it. */
  test: { file: string; named: string }
}

/** `find` occurs once in the file. */
export type Edit = { file: string; find: string; replace: string }

/** The rules that keep the books right, each broken as somebody in a hurry might. */
export const SABOTAGES: Sabotage[] = [
  {
    name: 'webhooks are taken in whatever their signature',
    edits: [
      {
        file: 'src/webhooks/receive-event.ts',
        find: 'if (problem) return refusal(',
        replace: "if (problem === 'missing') return refusal(",
      },
    ],
    test: { file: 'test/webhook.test.ts', named: 'on sqlite.*W02, W04' },
  },
  {
    name: 'the signature is checked over the body as it was parsed',
    edits: [
      {
        file: 'src/webhooks/receive-event.ts',
        find: '{ ...delivery, secrets: ctx.webhookSecrets }',
        replace:
          '{ ...delivery, body: Buffer.from(JSON.stringify(JSON.parse(String(delivery.body)))), secrets: ctx.webhookSecrets }',
      },
    ],
    test: { file: 'test/webhook.test.ts', named: 'on sqlite.*W02, W04' },
  },
  {
    name: 'any text is taken for the timestamp of a signature',
    edits: [
      {
        file: 'src/justifi/webhook-signature.ts',
        find: 'if (!ISO.test(timestamp) && !UNIX.test(timestamp))',
        replace: 'if (Number.isNaN(Date.parse(timestamp)) && !UNIX.test(timestamp))',
      },
    ],
    test: { file: 'test/webhook-signature.test.ts', named: 'W05' },
  },
  {
    name: 'events older than five minutes ring nothing',
    edits: [
      {
        file: 'src/webhooks/receive-event.ts',
        find: "return outcome === 'rung' && (",
        replace:
          "return Date.parse(String(delivery.timestamp)) > Date.now() - 300_000 && outcome === 'rung' && (",
      },
    ],
    test: { file: 'test/webhook.test.ts', named: 'on sqlite.*old timestamp' },
  },
  {
    name: 'an event rings each time that it comes',
    edits: [
      {
        file: 'src/webhooks/receive-event.ts',
        find: "outcome === 'rung' && (!result.isRepeat || result.bodyDiffers)",
        replace: "outcome === 'rung' && result !== undefined",
      },
    ],
    test: { file: 'test/webhook.test.ts', named: 'on sqlite.*O01, W03' },
  },
  {
    name: 'a webhook is answered before it is stored',
    edits: [
      {
        file: 'src/webhooks/receive-event.ts',
        find: 'const stored = await inTransaction(ctx.db,',
        replace:
          'const stored = { isRepeat: false, bodyDiffers: false }\n  void inTransaction(ctx.db,',
      },
    ],
    test: { file: 'test/webhook.test.ts', named: 'on sqlite.*I6' },
  },
  {
    name: 'events of the other side of JustiFi ring',
    edits: [
      {
        file: 'src/webhooks/ask-about.ts',
        find: "return 'wrong_mode'",
        replace: "return 'rung'",
      },
    ],
    test: { file: 'test/webhook.test.ts', named: 'on sqlite.*O21' },
  },
  {
    name: 'any amount pays an order',
    edits: [
      {
        file: 'src/checkout/settlement.ts',
        find: "['amount_mismatch', differs((fact) => fact.amountCents !== order.totalCents)]",
        replace: "['amount_mismatch', false]",
      },
    ],
    test: { file: 'test/settlement.test.ts', named: 'M01' },
  },
  {
    name: 'any currency pays an order',
    edits: [
      {
        file: 'src/checkout/settlement.ts',
        find: "['currency_mismatch', differs((fact) => fact.currency !== order.currency)]",
        replace: "['currency_mismatch', false]",
      },
    ],
    test: { file: 'test/settlement.test.ts', named: 'M02' },
  },
  {
    name: 'money to any account pays an order',
    edits: [
      {
        file: 'src/checkout/settlement.ts',
        find: "['account_mismatch', differs((fact) => fact.accountId !== order.accountId)]",
        replace: "['account_mismatch', false]",
      },
    ],
    test: { file: 'test/settlement.test.ts', named: 'M03' },
  },
  {
    name: 'money after a cancellation reopens the order',
    edits: [
      {
        file: 'src/checkout/settlement.ts',
        find: "['paid_after_cancel', order.cancelledAt !== null]",
        replace: "['paid_after_cancel', false]",
      },
    ],
    test: { file: 'test/settlement.test.ts', named: 'O13' },
  },
  {
    name: 'a second payment of an order is overlooked',
    edits: [
      {
        file: 'src/checkout/settlement.ts',
        find: "['paid_twice', collected.length > 1]",
        replace: "['paid_twice', false]",
      },
    ],
    test: { file: 'test/settlement.test.ts', named: 'O10' },
  },
  {
    name: 'what comes last counts, however old it is',
    edits: [
      {
        file: 'src/checkout/payment-forms.ts',
        find: 'if (!before || payment.updatedAt >= before.updatedAt) forms.set(',
        replace: 'forms.set(',
      },
    ],
    test: { file: 'test/settlement.test.ts', named: 'O05' },
  },
  {
    name: 'an order of two writers takes both writes',
    edits: [
      {
        file: 'src/orders/queries/change-order.ts',
        find: ".where('version', '=', readVersion)",
        replace: ".where('version', '<>', -readVersion)",
      },
    ],
    test: { file: 'test/proof/race-hammer.test.ts', named: 'three shops' },
  },
  {
    name: 'mails are put down after the transaction of what they tell',
    edits: [
      {
        file: 'src/checkout/settle-order.ts',
        find: '    await enqueueMails(trx, settlement.mails, now)\n',
        replace: '',
      },
      {
        file: 'src/checkout/settle-order.ts',
        find: '    ctx.metrics.settlements.inc(',
        replace:
          '    await inTransaction(ctx.db, (trx) => enqueueMails(trx, settlement.mails, now))\n    ctx.metrics.settlements.inc(',
      },
    ],
    test: { file: 'test/proof/crash-matrix.test.ts', named: 'on sqlite.*C10: with them committed' },
  },
  {
    name: 'customers are sent to a page that is not stored',
    edits: [
      {
        file: 'src/checkout/open-checkout.ts',
        find: 'await storePage(',
        replace: 'if (Number.isNaN(0)) await storePage(',
      },
    ],
    test: { file: 'test/proof/random-lives.test.ts', named: 'on sqlite.*keeps every invariant' },
  },
  {
    name: 'SQLite does not wait for the disk',
    edits: [
      {
        file: 'src/db/sqlite.ts',
        find: 'pragma synchronous = full',
        replace: 'pragma synchronous = normal',
      },
    ],
    test: { file: 'test/database.test.ts', named: 'C17' },
  },
  {
    name: 'a repeated request for an intent has a new key',
    edits: [
      {
        file: 'src/checkout/link-intent.ts',
        find: 'idempotencyKey: order.intentKey,',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: it is code
        replace: 'idempotencyKey: `${order.intentKey}-${Date.now()}`,',
      },
    ],
    test: {
      file: 'test/proof/crash-matrix.test.ts',
      named: 'on sqlite.*C03: with the intent made',
    },
  },
  {
    name: 'a repeated refund has a new key',
    edits: [
      {
        file: 'src/checkout/refund-order.ts',
        find: '      idempotencyKey,\n',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: it is code
        replace: '      idempotencyKey: `${idempotencyKey}-${Date.now()}`,\n',
      },
    ],
    test: { file: 'test/refunds.test.ts', named: 'on sqlite.*C12' },
  },
  {
    name: 'a refund whose answer was lost has failed',
    edits: [
      {
        file: 'src/checkout/refund-order.ts',
        find: "error instanceof JustifiRefusedError ? 'failed' : 'unknown'",
        replace: "error.outcome === 'unreachable' ? 'unknown' : 'failed'",
      },
    ],
    test: { file: 'test/refunds.test.ts', named: 'on sqlite.*P06: stays unknown, with' },
  },
  {
    name: 'a refund whose repeat was refused has failed',
    edits: [
      {
        file: 'src/checkout/refund-order.ts',
        find: 'if (made) return made\n',
        replace: '',
      },
    ],
    test: { file: 'test/refunds.test.ts', named: 'on sqlite.*P06: stays made' },
  },
  {
    name: 'what is left to give back is not asked of the database',
    edits: [
      {
        file: 'src/orders/queries/refunds.ts',
        find: "free(leftOf(free), '>=', amountCents)",
        replace: "free(leftOf(free), '>=', -amountCents)",
      },
    ],
    test: { file: 'test/refunds.test.ts', named: 'on sqlite.*(M09|M10|M15)' },
  },
  {
    name: 'each submit of a refund form is another refund',
    edits: [
      {
        file: 'src/checkout/refund-order.ts',
        find: 'form_key: request.formKey,',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: it is code
        replace: 'form_key: `${request.formKey}-${id}`,',
      },
    ],
    test: { file: 'test/refunds.test.ts', named: 'on sqlite.*M11' },
  },
  {
    name: 'a form of another merchant finds the order',
    edits: [
      {
        file: 'src/orders/queries/find-order.ts',
        find: "    .where('checkout_key', '=', checkoutKey)\n    .where('merchant_id', '=', merchantId),",
        replace:
          "    .where('checkout_key', '=', checkoutKey)\n    .where('id', '<>', merchantId),",
      },
    ],
    test: { file: 'test/shop-pages-checkout.test.ts', named: "another merchant's shop" },
  },
  {
    name: 'the desk opens any merchant’s order',
    edits: [
      {
        file: 'src/orders/queries/desk-order.ts',
        find: "    .where('merchant_id', '=', merchantId)\n    .where('number',",
        replace: "    .where('merchant_id', '<>', '')\n    .where('number',",
      },
    ],
    test: { file: 'test/desk-order.test.ts', named: 'is nobody else’s' },
  },
  {
    name: 'who signs in keeps the session of before',
    edits: [
      {
        file: 'src/web/merchant/desk-session.ts',
        find: 'req.session.regenerate((error?: unknown) => (error ? reject(error) : resolve()))',
        replace: 'resolve()',
      },
    ],
    test: { file: 'test/desk-sign-in.test.ts', named: 'A07' },
  },
  {
    name: 'the desk shows the events of all merchants',
    edits: [
      {
        file: 'src/webhooks/event-log.ts',
        find: "where('event.merchant_id', '=', merchantId)",
        replace: "where('event.id', '<>', merchantId)",
      },
    ],
    test: { file: 'test/desk-events.test.ts', named: 'A03' },
  },
  {
    name: 'calls are made for the platform, not for the merchant’s account',
    edits: [
      {
        file: 'src/justifi/call.ts',
        find: "'Sub-Account': call.accountId }",
        replace: "'Sub-Account': 'acc_platform' }",
      },
    ],
    test: { file: 'test/settle-order.test.ts', named: 'on sqlite.*is stored before JustiFi' },
  },
  {
    name: 'an unread answer is taken for unpaid when an order is given up',
    edits: [
      {
        file: 'src/checkout/cancel-order.ts',
        find: "if (!confirmed) return 'unknown'\n",
        replace: '',
      },
    ],
    test: { file: 'test/settle-order.test.ts', named: 'on sqlite.*while JustiFi cannot be asked' },
  },
  {
    name: 'unpaid is believed at once after a return',
    edits: [
      {
        file: 'src/checkout/settlement.ts',
        find: 'RETURN_GRACE = 2 * MINUTE',
        replace: 'RETURN_GRACE = 0 * MINUTE',
      },
    ],
    test: { file: 'test/settle-order.test.ts', named: 'on sqlite.*two minutes after a return' },
  },
  {
    name: 'a try that the bank may still take is followed by another',
    edits: [
      {
        file: 'src/checkout/open-checkout.ts',
        find: ' || (await mayBeTaken(ctx, order))',
        replace: '',
      },
    ],
    test: { file: 'test/settle-order.test.ts', named: 'on sqlite.*bank may still answer' },
  },
  {
    name: 'an order that is cancelled while its intent is made is paid all the same',
    edits: [
      {
        file: 'src/checkout/open-checkout.ts',
        find: 'return openPage(ctx, order.id, source, until)\n}',
        replace:
          'return pageFor(ctx, await getOrder(ctx.db, order.id), source, undefined, until)\n}',
      },
    ],
    test: { file: 'test/settle-order.test.ts', named: 'on sqlite.*leads to no page' },
  },
  {
    name: 'a payment that JustiFi denies stays paid',
    edits: [
      {
        file: 'src/checkout/settlement.ts',
        find: "['provider_denies', isDenied]",
        replace: "['provider_denies', false]",
      },
    ],
    test: { file: 'test/review.test.ts', named: 'on sqlite.*M17' },
  },
  {
    name: 'money that no order knows is passed over',
    edits: [
      {
        file: 'src/checkout/sweep-lists.ts',
        find: 'const isNew = await openItem(ctx.db, {',
        replace: 'const isNew = await (async (..._: unknown[]) => false)(ctx.db, {',
      },
    ],
    test: { file: 'test/refunds.test.ts', named: 'on sqlite.*C29' },
  },
  {
    name: 'money that no order knows is put before nobody in particular',
    edits: [
      {
        file: 'src/checkout/sweep-lists.ts',
        find: 'merchantId: shop?.merchantId ?? null,',
        replace: 'merchantId: shop === undefined ? null : null,',
      },
    ],
    test: { file: 'test/proof/sweeps.test.ts', named: 'on sqlite.*M18' },
  },
  {
    name: 'a list whose page failed is read from its beginning',
    edits: [
      {
        file: 'src/checkout/sweep-lists.ts',
        find: '{ ...pass, cursor: null } : pass',
        replace: '{ ...pass, cursor: null } : { ...pass, cursor: null }',
      },
    ],
    test: { file: 'test/proof/sweeps.test.ts', named: 'on sqlite.*P24' },
  },
  {
    name: 'a part of a list counts as all of it',
    edits: [
      {
        file: 'src/checkout/sweep-lists.ts',
        find: 'if (nextCursor === null || times',
        replace: 'if (page >= 0 || times',
      },
    ],
    test: { file: 'test/proof/sweeps.test.ts', named: 'on sqlite.*P24' },
  },
  {
    name: 'the watcher leaves hours between two looks',
    edits: [
      {
        file: 'src/checkout/check-schedule.ts',
        find: 'const LONGEST_GAP = 15 * MINUTE',
        replace: 'const LONGEST_GAP = 150 * MINUTE',
      },
    ],
    test: { file: 'test/proof/sweeps.test.ts', named: 'on sqlite.*O22' },
  },
  {
    name: 'a transaction that PostgreSQL gave up is lost',
    edits: [
      {
        file: 'src/db/transaction.ts',
        find: 'const ATTEMPTS = 3',
        replace: 'const ATTEMPTS = 1',
      },
    ],
    test: { file: 'test/proof/storage-faults.test.ts', named: 'C23' },
  },
  {
    name: 'a connection that breaks inside a transaction ends the process',
    edits: [
      {
        file: 'src/db/postgres.ts',
        find: "client.on('error', (err) => log.warn({ err }, 'a database connection broke'))",
        replace: '',
      },
    ],
    test: { file: 'test/proof/storage-faults.test.ts', named: 'C21: keeps nothing' },
  },
  {
    name: 'PostgreSQL commits as its database was set to',
    edits: [
      {
        file: 'src/db/postgres.ts',
        find: "select set_config('synchronous_commit', 'on', false)",
        replace: "select 'on'",
      },
    ],
    test: { file: 'test/proof/storage-faults.test.ts', named: 'C24' },
  },
  {
    name: 'more pieces are sold than there are',
    edits: [
      {
        file: 'src/catalog/stock.ts',
        find: "enough('stock', '>=', quantity)",
        replace: "enough('stock', '>=', -quantity)",
      },
    ],
    test: { file: 'test/desk-products-stock.test.ts', named: 'on sqlite.*O24' },
  },
  {
    name: 'an order that was never opened keeps its pieces for ever',
    edits: [
      {
        file: 'src/checkout/watch-orders.ts',
        find: "    await stockFollows(trx, order, 'expired')\n",
        replace: '',
      },
    ],
    test: { file: 'test/desk-products-stock.test.ts', named: 'on sqlite.*before its first page' },
  },
  {
    name: 'each look at an order’s page asks JustiFi',
    edits: [
      {
        file: 'src/checkout/settle-order.ts',
        find: 'const ASK_GAP = 2 * SECOND',
        replace: 'const ASK_GAP = 0 * SECOND',
      },
    ],
    test: { file: 'test/settle-order.test.ts', named: 'on sqlite.*D05' },
  },
  {
    name: 'redirects of the API are followed',
    edits: [
      { file: 'src/justifi/transport.ts', find: 'maxRedirects: 0', replace: 'maxRedirects: 5' },
    ],
    test: { file: 'test/justifi-connections.test.ts', named: 'P18: a .* elsewhere' },
  },
  {
    name: 'answers of any size are read',
    edits: [
      {
        file: 'src/justifi/transport.ts',
        find: 'maxContentLength: limits.maxAnswerBytes',
        replace: 'maxContentLength: Number.POSITIVE_INFINITY',
      },
    ],
    test: { file: 'test/justifi-connections.test.ts', named: 'P17' },
  },
  {
    name: 'the session is lost to whoever comes from another site',
    edits: [
      { file: 'src/web/sessions.ts', find: "sameSite: 'lax'", replace: "sameSite: 'strict'" },
    ],
    test: { file: 'test/web-sessions.test.ts', named: 'A14' },
  },
  {
    name: 'a form’s token is not checked',
    edits: [
      {
        file: 'src/web/csrf.ts',
        find: 'doubleCsrfProtection(req, res, (error) => {',
        replace: '((_req, _res, done) => done(undefined))(req, res, (error) => {',
      },
    ],
    test: { file: 'test/guards-forms.test.ts', named: 'A15: is refused where both' },
  },
  {
    name: 'a product’s description is put into its page as it is',
    edits: [
      {
        file: 'views/shop/product.ejs',
        find: '<%= page.description %>',
        replace: '<%- page.description %>',
      },
    ],
    test: { file: 'test/shop-pages.test.ts', named: 'X01' },
  },
]
