import { readFileSync } from 'node:fs'
import path from 'node:path'
import ejs, { type TemplateFunction } from 'ejs'

const FOLDER = path.join(import.meta.dirname, '../../views/sandbox')
const templates = new Map<string, TemplateFunction>()

/** Renders views/sandbox/NAME.ejs. In the template everything is found under `page`. */
export function renderPage(name: string, page: object): string {
  const template = templates.get(name) ?? compile(name)
  templates.set(name, template)
  return template(page)
}

function compile(name: string): TemplateFunction {
  const filename = path.join(FOLDER, `${name}.ejs`)
  // Without `with` a template runs several times as fast, and `cache` is for what it includes.
  return ejs.compile(readFileSync(filename, 'utf8'), {
    filename,
    cache: true,
    localsName: 'page',
    _with: false,
    compileDebug: false,
  })
}
