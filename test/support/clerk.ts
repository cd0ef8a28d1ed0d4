import type { Response } from 'supertest'
import request from 'supertest'
import type { AppContext } from '../../src/context.ts'
import { hashPassword } from '../../src/merchants/passwords.ts'
import { findShop } from '../../src/merchants/queries.ts'
import type { Role } from '../../src/merchants/user.ts'
import { insertUser } from '../../src/merchants/user-queries.ts'
import { hiddenField } from './shopper.ts'

export type ClerkFacts = {
  /** Slug. */
  shop?: string
  role?: Role
  mayRefund?: boolean
  mayExport?: boolean
  email?: string
}

export const PASSWORD = 'four words make a password'

/** A merchant's browser at the desk: keeps cookies, and sends forms with what their page gave. */
export class Clerk {
  readonly email: string
  readonly #agent: ReturnType<typeof request.agent>
  readonly #cookies = new Map<string, string>()
  #csrf = ''

  private constructor(origin: string, email: string) {
    this.email = email
    this.#agent = request.agent(origin)
  }

  /** Makes a user of a shop, an owner unless told otherwise, and signs in. */
  static async signIn(
    { ctx, url }: { ctx: AppContext; url: string },
    facts: ClerkFacts = {},
  ): Promise<Clerk> {
    const email = await addUser(ctx, facts)
    const clerk = await Clerk.visit({ url }, email)
    const response = await clerk.try(email)
    if (response.status !== 303) throw new Error(`sign-in answered ${response.status}`)
    return clerk
  }

  /** Opens the sign-in page and stays there. */
  static async visit({ url }: { url: string }, email = ''): Promise<Clerk> {
    const clerk = new Clerk(url, email)
    await clerk.see('/merchant/sign-in')
    return clerk
  }

  /** Sends the sign-in form. `more` are cookies beside this browser's own. */
  async try(email: string, password = PASSWORD, next?: string, more?: string): Promise<Response> {
    const fields = { _csrf: this.#csrf, email, password, ...(next !== undefined && { next }) }
    const sent = this.#agent.post('/merchant/sign-in')
    if (more) sent.set('Cookie', more)
    return this.#kept(await sent.send(new URLSearchParams(fields).toString()))
  }

  /** One that this browser was given, as `name=value`, by the beginning of its name. */
  cookie(beginning: string): string {
    const [name, value] = [...this.#cookies].find(([name]) => name.startsWith(beginning)) ?? []
    return `${name}=${value}`
  }

  async see(path: string): Promise<Response> {
    return this.#kept(await this.#agent.get(path))
  }

  /** Sends a form, with the token of the page seen last. Fields of one name may be given as a list. */
  async send(path: string, fields: Record<string, string | string[]> = {}): Promise<Response> {
    const pairs = Object.entries({ _csrf: this.#csrf, ...fields }).flatMap(([name, value]) =>
      [value].flat().map((one) => [name, one] as [string, string]),
    )
    const body = new URLSearchParams(pairs).toString()
    return this.#kept(await this.#agent.post(path).send(body))
  }

  /** The token that forms carry, for those that are not sent by `send`. */
  get csrf(): string {
    return this.#csrf
  }

  get agent(): ReturnType<typeof request.agent> {
    return this.#agent
  }

  #kept(response: Response): Response {
    this.#csrf = hiddenField(response, '_csrf') || this.#csrf
    for (const line of response.get('Set-Cookie') ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      this.#cookies.set(name, value)
    }
    return response
  }
}

let users = 0

/** @returns the user's e-mail; the password is `PASSWORD` */
export async function addUser(ctx: AppContext, facts: ClerkFacts = {}): Promise<string> {
  const {
    shop: slug = 'fernhill-pottery',
    role = 'owner',
    mayRefund = true,
    mayExport = true,
  } = facts
  const email = facts.email ?? `${role}-${++users}@${slug}.example`
  const shop = await findShop(ctx.db, slug)
  if (!shop) throw new Error(`no shop ${slug}`)
  const passwordHash = await hashPassword(PASSWORD)
  const { merchantId } = shop
  const user = { merchantId, email, name: `Sam ${role}`, role, mayRefund, mayExport, passwordHash }
  await insertUser(ctx.db, user, ctx.clock.now())
  return email
}
