/** A refusal in JustiFi's own shape: `{"error":{"code","message","param"?}}`. */
export class ApiError extends Error {
  override name = 'ApiError'
  readonly status: number
  readonly code: string
  readonly param: string | undefined

  constructor(status: number, code: string, message: string, param?: string) {
    super(message)
    this.status = status
    this.code = code
    this.param = param
  }

  get body() {
    const { code, message, param } = this
    return { error: { code, message, ...(param !== undefined && { param }) } }
  }
}

export function notFound(): ApiError {
  return new ApiError(404, 'resource_not_found', 'Resource not found')
}
