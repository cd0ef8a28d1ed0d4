import { z } from 'zod'
import { ApiError } from '../api/api-error.ts'
import { FAULT_KINDS } from '../faults/faults.ts'

const path = z.string().startsWith('/').max(500)

/** More than ten years at once is a slip of the hand, in seconds. */
const MAX_ADVANCE_SECONDS = 10 * 366 * 86_400

export const FaultBody = z
  .strictObject({
    method: z
      .string()
      .toUpperCase()
      .pipe(z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])),
    path,
    kind: z.enum(FAULT_KINDS),
    status: z.int().min(200).max(599).optional(),
    headers: z.record(z.string().regex(/^[A-Za-z-]+$/), z.string().max(200)).optional(),
    delay_ms: z.int().min(0).max(600_000).optional(),
    patch: z.record(z.string(), z.unknown()).optional(),
    times: z.int().min(1).max(1_000_000).default(1),
  })
  .refine(({ kind, status }) => kind !== 'status' || status !== undefined, {
    path: ['status'],
    message: 'is required for the kind status',
  })
  .refine(({ kind, delay_ms }) => kind !== 'delay' || delay_ms !== undefined, {
    path: ['delay_ms'],
    message: 'is required for the kind delay',
  })
  .refine(({ kind, patch }) => kind !== 'patch' || patch !== undefined, {
    path: ['patch'],
    message: 'is required for the kind patch',
  })

export const PublisherBody = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  secret: z.string().min(1).max(500),
  events: z.array(z.string().min(1)).default([]),
})

export const ClockBody = z.strictObject({
  // The page's buttons send text.
  advance_seconds: z
    .union([z.number(), z.string().regex(/^\d+$/).transform(Number)])
    .pipe(z.number().min(0).max(MAX_ADVANCE_SECONDS)),
})

export const SettleBody = z.strictObject({ status: z.enum(['succeeded', 'failed']) })

/** @throws ApiError 422 with a line for each problem */
export function parseBody<Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(body ?? {})
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${path.length > 0 ? `${path.join('.')}: ` : ''}${message}`,
  )
  throw new ApiError(422, 'invalid_parameters', problems.join('; '))
}
