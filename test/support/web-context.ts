import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import express, { type Express } from 'express'
import { type AppContext, createContext, LIMITS } from '../../src/context.ts'
import { type Db, openDatabase } from '../../src/db/database.ts'
import { migrateDatabase } from '../../src/db/migrate.ts'
import { createLog } from '../../src/log.ts'
import { createMetrics } from '../../src/metrics.ts'
import { createLinkTokens } from '../../src/orders/link-token.ts'
import { errorHandler } from '../../src/web/errors.ts'
import { notFound } from '../../src/web/not-found.ts'
import { createRenderer } from '../../src/web/render.ts'
import { requestLog } from '../../src/web/request-log.ts'
import { createTestDatabase } from './postgres.ts'

export const ENGINES = ['SQLite', 'PostgreSQL'] as const
export type Engine = (typeof ENGINES)[number]

export type WebContext = AppContext & {
  /** Turns the clock. */
  pass(milliseconds: number): void
  /** The log so far, a record a line. */
  logged(): Record<string, unknown>[]
  close(): Promise<void>
}

/** A context on a new database, for what has no business with JustiFi. */
export async function openWebContext(
  given: Partial<AppContext> & { engine?: Engine } = {},
): Promise<WebContext> {
  const { engine = 'SQLite', ...overrides } = given
  const lines: string[] = []
  const log = createLog(
    'debug',
    new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk))
        done()
      },
    }),
  )
  const database = await openEngine(engine, log)
  const sessionSecrets = ['a secret of the tests, long enough']
  let ahead = 0

  const ctx = createContext({
    publicUrl: 'http://shop.test',
    production: false,
    db: database.db,
    justifi: { mode: 'test', pageOrigin: 'https://checkout.test' } as AppContext['justifi'],
    linkTokens: createLinkTokens(sessionSecrets),
    log,
    metrics: createMetrics(),
    clock: { now: () => new Date(Date.now() + ahead) },
    sessionSecrets,
    webhookSecrets: ['a webhook secret of the tests'],
    trustProxy: false,
    metricsToken: undefined,
    sendsMail: true,
    limits: LIMITS,
    ...overrides,
  })
  return Object.assign(ctx, {
    pass(milliseconds: number) {
      ahead += milliseconds
    },
    logged: () => lines.map((line) => JSON.parse(line)),
    close: database.close,
  })
}

async function openEngine(
  engine: Engine,
  log: AppContext['log'],
): Promise<{ db: Db; close(): Promise<void> }> {
  const server = engine === 'PostgreSQL' ? await createTestDatabase() : undefined
  const folder = mkdtempSync(join(tmpdir(), 'web-'))
  const path = join(folder, 'shop.sqlite')
  const db = openDatabase(
    server ? { engine: 'postgres', url: server.url } : { engine: 'sqlite', path },
    log,
  )
  await migrateDatabase(db)
  return {
    db,
    async close() {
      await db.destroy()
      await server?.drop()
      rmSync(folder, { recursive: true })
    },
  }
}

/** An application with the site's ends and the routes of a test between them. */
export function siteWith(ctx: AppContext, add: (app: Express) => void, views = 'views'): Express {
  const app = express().disable('x-powered-by').disable('etag')
  app.set('trust proxy', ctx.trustProxy)
  app.locals.renderPage = createRenderer({
    viewsDir: views,
    asset: (path) => `/assets/${path}`,
    debug: true,
  })
  app.use(requestLog(ctx.log))
  add(app)
  app.use(notFound)
  app.use(errorHandler(ctx))
  return app
}
