import { sql } from 'kysely'
import { DAY, later, timestamp } from '../clock.ts'
import type { Db } from './database.ts'

/** Small, so that on SQLite nobody waits long for the one writer. */
const BATCH = 500
/** Of rows that may hold a megabyte each. */
const FEW = 20

/**
 * Deletes some of what is over: sessions, rate limits, users' links, what comparisons that came to
 * nothing had read, and pictures that no product shows. To be called now and then.
 *
 * @returns how many rows went; 0 when nothing was left to do
 */
export async function pruneExpired(db: Db, now: Date): Promise<number> {
  let pruned = 0
  for (const prune of [sessions, rateLimits, userLinks, comparisons, pictures]) {
    pruned += Number((await prune(db, now)).numDeletedRows)
  }
  return pruned
}

function sessions(db: Db, now: Date) {
  return db
    .deleteFrom('sessions')
    .where('id', 'in', (eb) =>
      eb.selectFrom('sessions').select('id').where('expires_at', '<=', timestamp(now)).limit(BATCH),
    )
    .executeTakeFirst()
}

function rateLimits(db: Db, now: Date) {
  return db
    .deleteFrom('rate_limits')
    .where('key', 'in', (eb) =>
      eb
        .selectFrom('rate_limits')
        .select('key')
        .where('expires_at', '<=', now.getTime())
        .limit(BATCH),
    )
    .executeTakeFirst()
}

function userLinks(db: Db, now: Date) {
  return db
    .deleteFrom('user_links')
    .where('token_hash', 'in', (eb) =>
      eb
        .selectFrom('user_links')
        .select('token_hash')
        .where((link) =>
          link.or([link('used_at', 'is not', null), link('expires_at', '<=', timestamp(now))]),
        )
        .limit(BATCH),
    )
    .executeTakeFirst()
}

function comparisons(db: Db, _now: Date) {
  return db
    .deleteFrom('reconciliation_rows')
    .where((row) =>
      row(
        row.refTuple('job_id', 'list', 'subject_id'),
        'in',
        row
          .selectFrom('jobs')
          .innerJoin('reconciliation_rows as of_job', 'of_job.job_id', 'jobs.id')
          .select(['of_job.job_id', 'of_job.list', 'of_job.subject_id'])
          .where('jobs.state', 'in', ['cancelled', 'failed'])
          .limit(BATCH)
          .$asTuple('job_id', 'list', 'subject_id'),
      ),
    )
    .executeTakeFirst()
}

/** One that came lately may belong to a form that is still being filled in. */
function pictures(db: Db, now: Date) {
  return db
    .deleteFrom('product_images')
    .where((row) =>
      row(
        row.refTuple('merchant_id', 'hash'),
        'in',
        row
          .selectFrom('product_images as image')
          .select(['image.merchant_id', 'image.hash'])
          .where('image.created_at', '<=', timestamp(later(now, -DAY)))
          .where((image) =>
            image.not(
              image.exists(
                image
                  .selectFrom('products')
                  .select('products.id')
                  .whereRef('products.merchant_id', '=', 'image.merchant_id')
                  // As `imagePath` makes it.
                  .where('products.image', '=', sql<string>`'uploads/' || image.hash`),
              ),
            ),
          )
          .limit(FEW)
          .$asTuple('merchant_id', 'hash'),
      ),
    )
    .executeTakeFirst()
}
