export const SETTINGS_PATH = '/merchant/settings'
export const LOG_PATH = `${SETTINGS_PATH}/log`
