export const ROLES = ['owner', 'staff', 'viewer'] as const
export type Role = (typeof ROLES)[number]

/**
 * What a page or form of the merchant's desk asks of whoever uses it. `view`: look at everything.
 * `work`: run orders and products, except for giving money back. `manage`: settings and users.
 */
export const RIGHTS = ['view', 'work', 'refund', 'export', 'manage'] as const
export type Right = (typeof RIGHTS)[number]

export type UserRights = {
  role: Role
  /** Given one by one; an owner has them anyway, and a viewer never refunds. */
  mayRefund: boolean
  mayExport: boolean
}

/** A person who signs in for a merchant. */
export type User = UserRights & {
  id: string
  merchantId: string
  /** In lower case; unique across the installation. */
  email: string
  name: string
  /** Null until an invitation was accepted. */
  passwordHash: string | null
  sessionsVersion: number
  disabledAt: Date | null
  createdAt: Date
}

export function hasRight(user: User, right: Right): boolean {
  if (user.role === 'owner') return true
  switch (right) {
    case 'view':
      return true
    case 'work':
      return user.role === 'staff'
    case 'refund':
      return user.role === 'staff' && user.mayRefund
    case 'export':
      return user.mayExport
    case 'manage':
      return false
  }
}

/** A user as they are once their sessions were ended, as another password or role ends them. */
export function withSessionsEnded(user: User): User {
  return { ...user, sessionsVersion: user.sessionsVersion + 1 }
}

/** E-mail addresses of users are kept, and looked up, in this one form. */
export function userEmail(text: string): string {
  return text.normalize('NFC').trim().toLowerCase()
}
