import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import { DatabaseSync } from 'node:sqlite'
import express from 'express'
import { listen } from '../../../src/server.ts'
import { reportToBench } from './report.ts'

// A webhook as a plain Express application has it: the same signature, and one row on disk before
// the 200.

const { BENCH_DATABASE = '', BENCH_SECRET = '' } = process.env
const db = new DatabaseSync(BENCH_DATABASE)
db.exec('pragma journal_mode = wal; pragma synchronous = full')
db.exec('create table events (id text primary key, body text not null, received_at text not null)')
const insert = db.prepare('insert into events values (?, ?, ?) on conflict do nothing')

const app = express()
app.post('/webhooks/justifi', express.raw({ type: () => true }), (req, res) => {
  const body: Buffer = req.body
  const mac = createHmac('sha256', BENCH_SECRET)
    .update(`${req.get('justifi-timestamp')}.`)
    .update(body)
    .digest()
  const given = Buffer.from(req.get('justifi-signature') ?? '', 'hex')
  if (given.length !== mac.length || !timingSafeEqual(given, mac)) {
    res.status(401).json({ error: 'mismatch' })
    return
  }
  const text = body.toString('utf8')
  insert.run(JSON.parse(text).id, text, new Date().toISOString())
  res.json({ received: true })
})

const server = createServer(app)
reportToBench(await listen(server, { host: '127.0.0.1', port: 0 }))
