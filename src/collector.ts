import { setFlagsFromString } from 'node:v8'

/**
 * Has V8 look for what can be given back more often than it would by itself, and never guess what
 * will live long: a process that is asked for pages all day then stays at the size that it needs.
 *
 * Called when the process has started: on the command line these made each start a twentieth of a
 * second slower. docs/performance.md has what they are worth.
 */
export function keepMemorySmall(): void {
  // The old generation may be half as large again as what lived through the last collection.
  setFlagsFromString('--heap-growing-percent=50')
  setFlagsFromString('--no-allocation-site-pretenuring')
}
