import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { gzipSync } from 'node:zlib'
import ejs, { type TemplateFunction } from 'ejs'
import type { Response } from 'express'
import type { Pages } from './pages.ts'

declare global {
  namespace Express {
    interface Locals {
      /** Of the application: makes a page's HTML. */
      renderPage?: PageRenderer
    }
  }
}

/** @returns the HTML of the view `name` for a view-model */
export type PageRenderer = (name: string, page: object, csrf: string | undefined) => string

type RendererOptions = {
  viewsDir: string
  /** The versioned URL of a file below public/. */
  asset(path: string): string
  /** Whether an error in a template names its line: it slows every page. */
  debug: boolean
}

const MIN_GZIP_BYTES = 1_000

/** What EJS does by default to each template, and to each part of it, costs several times this. */
const LEAN = {
  // The view-model has one name, so nothing is looked up in it `with` each name.
  _with: false,
  localsName: 'page',
  // It need not be copied to be rid of its prototype: without `with` nothing else is found there.
  unsafePrototypeLocals: true,
  escape: escapeHtml,
}

/** Compiles each template once. */
export function createRenderer({ viewsDir, asset, debug }: RendererOptions): PageRenderer {
  const templates = new Map<string, TemplateFunction>()

  function templateOf(name: string): TemplateFunction {
    return templates.get(name) ?? compile(name)
  }

  function compile(name: string): TemplateFunction {
    const filename = join(viewsDir, `${name}.ejs`)
    const template = ejs.compile(withOwnInclude(readFileSync(filename, 'utf8')), {
      ...LEAN,
      filename,
      context: { include: includeFrom(posix.dirname(name)) },
      compileDebug: debug,
    })
    templates.set(name, template)
    return template
  }

  function includeFrom(folder: string): (path: string, page: object) => string {
    const names = new Map<string, string>()
    return (path, page) => {
      const name = names.get(path) ?? posix.join(folder, path)
      names.set(path, name)
      return templateOf(name)(page)
    }
  }

  return (name, page, csrf) => templateOf(name)({ ...page, asset, csrf })
}

/**
 * The template with another `include`, which does the same. EJS' own looks for the file on disk
 * each time, and costs a page of a few parts more than all the rest of it.
 */
function withOwnInclude(template: string): string {
  const include = '(path, more) => this.include(path, more ? { ...page, ...more } : page)'
  return `<% { const include = ${include} %>${template}<% } %>`
}

const SPECIAL = /[&<>'"]/

/** As EJS escapes. Most text has nothing to escape, which is soon known. */
function escapeHtml(value: unknown): string {
  if (value === undefined || value === null) return ''
  const text = String(value)
  return SPECIAL.test(text) ? ejs.escapeXML(text) : text
}

/**
 * Answers with a page. The template gets the view-model as `page`, and beside it `page.asset(path)`
 * and `page.csrf`, the token for forms where the route issues one.
 *
 * What no `noStore` forbids may be kept by the browser, which asks each time whether it still holds.
 */
export function render<Name extends keyof Pages>(
  res: Response,
  name: Name,
  page: Pages[Name],
  status = 200,
): void {
  const { renderPage } = res.app.locals
  if (!renderPage) throw new Error('the application has no renderer')
  const html = renderPage(name, page, res.locals.csrf)

  res.statusCode = status
  res.setHeader('Content-Type', 'text/html; charset=utf-8')
  res.vary('Accept-Encoding')

  if (!res.hasHeader('Cache-Control')) {
    res.setHeader('Cache-Control', 'private, no-cache')
    res.setHeader('ETag', `W/"${createHash('sha1').update(html).digest('base64url')}"`)
    if (res.req.fresh) {
      res.statusCode = 304
      res.removeHeader('Content-Type')
      res.end()
      return
    }
  }
  sendHtml(res, html)
}

function sendHtml(res: Response, html: string): void {
  if (html.length < MIN_GZIP_BYTES || !res.req.acceptsEncodings('gzip')) {
    res.setHeader('Content-Length', Buffer.byteLength(html))
    res.end(html)
    return
  }
  // The page is whole and small: one call at the lowest level costs a fraction of a stream.
  const body = gzipSync(html, { level: 1 })
  res.setHeader('Content-Encoding', 'gzip')
  res.setHeader('Content-Length', body.length)
  res.end(body)
}
