import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import express from 'express'
import { openDatabase } from '../../../src/db/database.ts'
import { createLog } from '../../../src/log.ts'
import { findOrderByToken } from '../../../src/orders/queries/find-order.ts'
import { listen } from '../../../src/server.ts'
import { loadAssets } from '../../../src/web/assets.ts'
import { orderPage } from '../../../src/web/orders/order-page.ts'
import { ROOT } from '../child.ts'
import { reportToBench } from './report.ts'

// The order page as a plain Express application has it: the same templates and view-model, EJS and
// Express at their default options, and no database, session, log, limit or header of ours.

const { BENCH_DATABASE = '', BENCH_TOKEN = '' } = process.env
const db = openDatabase({ engine: 'sqlite', path: BENCH_DATABASE }, createLog('silent'))
const found = await findOrderByToken(db, BENCH_TOKEN)
await db.destroy()
if (!found) throw new Error('there is no such order')

const page = {
  ...orderPage({
    ctx: { justifi: { mode: 'test' } },
    ...found,
    token: BENCH_TOKEN,
    checking: false,
    notice: undefined,
    now: new Date(),
  }),
  asset: loadAssets(join(ROOT, 'public'), ['sandbox']).url,
}

// Our templates call the view-model `page`. It is still searched `with` for every name.
createRequire(import.meta.url)('ejs').localsName = 'page'

const app = express()
app.set('view engine', 'ejs')
app.set('views', join(ROOT, 'views'))
app.get('/page', (_req, res) => {
  res.render('orders/order', page)
})

let bytes = ''
app.render('orders/order', page, (error, html) => {
  if (error) throw error
  bytes = html
})
app.get('/bytes', (_req, res) => {
  res.type('html').send(bytes)
})

const server = createServer(app)
reportToBench(await listen(server, { host: '127.0.0.1', port: 0 }))
