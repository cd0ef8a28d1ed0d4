export const USERS_PATH = '/merchant/users'
export const NEW_USER_PATH = `${USERS_PATH}/new`
export const ACCOUNT_PATH = '/merchant/account'

export function userPath(id: string): string {
  return `${USERS_PATH}/${id}`
}
