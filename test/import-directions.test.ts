import { globSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { describe, expect, it } from '@jest/globals'

// The plan of docs/architecture.md: what each room of src/ may import beside itself and the leaves.
// `room/file` opens one file of a room. Nothing may import what no line names: `web` is `app`'s
// alone, and `sandbox` is `main`'s.
const MAY_IMPORT: Record<string, string[]> = {
  db: [],
  justifi: [],
  mail: ['db', 'merchants', 'orders', 'context'],
  merchants: ['db'],
  catalog: ['db', 'merchants'],
  orders: ['db', 'merchants'],
  cart: ['db', 'merchants', 'catalog'],
  context: ['db', 'mail', 'orders', 'justifi'],
  checkout: ['db', 'mail', 'merchants', 'catalog', 'orders', 'cart', 'justifi', 'context'],
  jobs: ['db', 'merchants', 'orders', 'checkout', 'justifi', 'context'],
  demo: ['db', 'merchants', 'catalog', 'context'],
  web: [
    ...['db', 'mail', 'merchants', 'catalog', 'orders', 'cart', 'checkout', 'jobs', 'context'],
    'webhooks',
  ],
  webhooks: [
    ...['db', 'merchants', 'orders', 'checkout', 'context'],
    ...['justifi/wire', 'justifi/webhook-signature', 'justifi/errors'],
  ],
  commands: ['db', 'mail', 'merchants', 'catalog', 'orders', 'checkout', 'justifi', 'context'],
  sandbox: ['justifi/wire', 'justifi/webhook-signature'],
  app: ['web', 'webhooks', 'context'],
  'start-shop': ['db', 'mail', 'checkout', 'orders', 'jobs', 'justifi', 'context', 'app'],
  main: ['db', 'demo', 'sandbox', 'start-shop'],
}

/** Everyone may import these, and they import nothing of ours but each other. */
const LEAVES = [
  ...[
    'collector',
    'config',
    'environment',
    'errors',
    'money',
    'clock',
    'local-time',
    'ids',
    'kept-secret',
  ],
  ...['card-numbers', 'log', 'metrics', 'server', 'single-flight', 'background-loop'],
  'search-text',
  'email-address',
  'words',
]

/** `context` names what it holds, also work of `checkout` under way, but runs none of it. */
const TYPES_ONLY = ['context']

/** Paths are relative to src/ and lack their `.ts`. */
type Import = { from: string; to: string; typeOnly: boolean }

const SRC = join(import.meta.dirname, '../src')
const STATIC = /^\s*(?:import|export)\s+(type\s)?(?:[\w\s{},*$]+?\sfrom\s+)?['"](\.[^'"]+)['"]/gm
const DYNAMIC = /\bimport(\s*)\(\s*['"](\.[^'"]+)['"]/g

describe('imports', () => {
  const files = globSync('**/*.ts', { cwd: SRC }).map((file) => file.replaceAll('\\', '/'))
  const imports = files.flatMap((file) => importsIn(file, readFileSync(join(SRC, file), 'utf8')))

  it('point one way', () => {
    expect(imports.length).toBeGreaterThan(0)
    expect(violationsOf(imports)).toEqual([])
  })

  it('have a line for every room', () => {
    const rooms = new Set(files.map((file) => roomOf(withoutExtension(file))))
    expect([...rooms].filter((room) => !(room in MAY_IMPORT || LEAVES.includes(room)))).toEqual([])
  })

  it('run in no circle', () => {
    expect(circleIn(imports)).toEqual([])
  })
})

describe('the check of imports', () => {
  const source = `
    import fs from 'node:fs'
    import { a } from './a.ts'
    import type { B } from '../db/b.ts'
    import {
      c,
      type D,
    } from '../orders/queries/c.ts'
    import './effect.ts'
    export * from './e.ts'
    export const text = '../web/no-import.ts'
    const later = await import('../mail/f.ts')
  `

  it('reads every kind of import', () => {
    expect(importsIn('checkout/x.ts', source)).toEqual([
      { from: 'checkout/x', to: 'checkout/a', typeOnly: false },
      { from: 'checkout/x', to: 'db/b', typeOnly: true },
      { from: 'checkout/x', to: 'orders/queries/c', typeOnly: false },
      { from: 'checkout/x', to: 'checkout/effect', typeOnly: false },
      { from: 'checkout/x', to: 'checkout/e', typeOnly: false },
      { from: 'checkout/x', to: 'mail/f', typeOnly: false },
    ])
  })

  it.each([
    ['orders/order', 'justifi/wire'],
    ['checkout/place-order', 'web/render'],
    ['main', 'web/render'],
    ['sandbox/app', 'justifi/client'],
    ['sandbox/app', 'orders/order'],
    ['checkout/settle-order', 'sandbox/main'],
    ['money', 'db/schema'],
    ['words/order', 'orders/order'],
    ['db/database', 'context'],
    ['context', 'db/database'],
    ['attic/old', 'money'],
    ['checkout/x', 'attic/old'],
    ['web/x', '../test/support/shop'],
  ])('objects to %s importing %s', (from, to) => {
    expect(violationsOf([{ from, to, typeOnly: false }])).toEqual([`${from} imports ${to}`])
  })

  it.each([
    ['checkout/x', 'orders/order'],
    ['app', 'web/render'],
    ['main', 'sandbox/start'],
    ['sandbox/control/state', 'sandbox/ledger'],
    ['sandbox/app', 'justifi/wire'],
    ['money', 'errors'],
    ['orders/order', 'words/order'],
  ])('lets %s import %s', (from, to) => {
    expect(violationsOf([{ from, to, typeOnly: false }])).toEqual([])
  })

  it('lets context import types alone', () => {
    expect(violationsOf([{ from: 'context', to: 'db/database', typeOnly: true }])).toEqual([])
  })

  it('finds a circle, unless a type closes it', () => {
    const circle = [link('a', 'b'), link('b', 'c'), link('c', 'a')]

    expect(circleIn(circle)).toEqual(['a', 'b', 'c', 'a'])
    expect(circleIn([...circle.slice(0, 2), { ...link('c', 'a'), typeOnly: true }])).toEqual([])
    expect(circleIn([link('a', 'b'), link('a', 'c'), link('b', 'c')])).toEqual([])
  })

  function link(from: string, to: string): Import {
    return { from, to, typeOnly: false }
  }
})

function importsIn(path: string, text: string): Import[] {
  return [...text.matchAll(STATIC), ...text.matchAll(DYNAMIC)].map(([, type, to = '']) => ({
    from: withoutExtension(path),
    to: withoutExtension(posix.join(posix.dirname(path), to)),
    typeOnly: Boolean(type?.trim()),
  }))
}

function violationsOf(imports: Import[]): string[] {
  return imports.filter((found) => !isAllowed(found)).map(({ from, to }) => `${from} imports ${to}`)
}

function isAllowed({ from, to, typeOnly }: Import): boolean {
  const [room, target] = [roomOf(from), roomOf(to)]
  if (LEAVES.includes(room)) return LEAVES.includes(target)
  const allowed = MAY_IMPORT[room]
  if (!allowed) return false
  if (room === target || LEAVES.includes(target)) return true
  if (TYPES_ONLY.includes(room) && !typeOnly) return false
  return allowed.includes(target) || allowed.includes(to)
}

/** The files of one circle of value imports, the first repeated at the end. Empty: there is none. */
function circleIn(imports: Import[]): string[] {
  const targets = Map.groupBy(
    imports.filter(({ typeOnly }) => !typeOnly),
    ({ from }) => from,
  )
  const done = new Set<string>()

  const walk = (file: string, path: string[]): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return []
    for (const { to } of targets.get(file) ?? []) {
      const circle = walk(to, [...path, file])
      if (circle.length > 0) return circle
    }
    done.add(file)
    return []
  }

  return [...targets.keys()].map((file) => walk(file, [])).find((c) => c.length > 0) ?? []
}

function roomOf(path: string): string {
  return path.split('/')[0] ?? ''
}

function withoutExtension(path: string): string {
  return path.replace(/\.ts$/, '')
}
