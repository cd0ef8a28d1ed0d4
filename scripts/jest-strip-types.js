// Jest runs the sources through the same type stripper as `node src/main.ts`. Types become
// spaces, so line and column numbers stay true and no source map is needed.
import { createHash } from 'node:crypto'
import { stripTypeScriptTypes } from 'node:module'

export default {
  process(source) {
    return { code: stripTypeScriptTypes(source, { mode: 'strip' }) }
  },
  getCacheKey(source, path, options) {
    return createHash('sha256')
      .update([process.version, path, options.instrument, options.configString, source].join('\0'))
      .digest('hex')
  },
}
