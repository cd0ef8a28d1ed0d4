import type { AppContext } from '../context.ts'

type Where = Pick<AppContext, 'publicUrl'>

/** Whether customers reach the shop over https, whatever the proxy in front speaks to us. */
export function isHttps({ publicUrl }: Where): boolean {
  return publicUrl.startsWith('https:')
}

/** The prefix makes browsers insist that this very host set it, over https and for every path. */
export function hostCookie(ctx: Where, name: string): string {
  return isHttps(ctx) ? `__Host-${name}` : name
}
