import { enableCompileCache, flushCompileCache } from 'node:module'
import { join } from 'node:path'

// What has been compiled once is read from there at the next start, which then takes two thirds of
// the time. In a folder that only who may change the code can write; where it cannot be written,
// as in a read-only image, Node compiles each time.
enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/compiled'))

await import('./run.ts')

// Node would do so when it ends, and a process that is killed does not get there.
flushCompileCache()
