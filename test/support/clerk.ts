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
    const clerk = new Clerk(url, email)
    await clerk.see('/merchant/sign-in')
    const response = await clerk.send('/merchant/sign-in', { email, password: PASSWORD })
    if (response.status !== 303) throw new Error(`sign-in answered ${response.status}`)
    return clerk
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
