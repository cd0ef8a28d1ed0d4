export const FORGOTTEN_PATH = '/merchant/forgotten-password'
export const SET_PASSWORD_PATH = '/merchant/password/:token'
