import { z } from 'zod'
import { ApiError } from '../api/api-error.ts'
import { DELIVERY_MODES } from '../events/publishers.ts'
import { FAULT_KINDS } from '../faults/faults.ts'
import { DISPUTE_REASONS, REFUND_REASONS } from '../records.ts'

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
  .refine(({ kind, status }) => !kind.startsWith('status') || status !== undefined, {
    path: ['status'],
    message: 'is required for the kinds status and status_after',
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
  mode: z.enum(DELIVERY_MODES).default('test'),
})

/** The page's buttons send text. */
const numeric = z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)])

export const ClockBody = z.strictObject({
  advance_seconds: numeric.pipe(z.number().min(0).max(MAX_ADVANCE_SECONDS)),
})

export const SettleBody = z.strictObject({ status: z.enum(['succeeded', 'failed']) })

/** In whole cents. */
const amount = numeric.pipe(z.int().min(1))

/** Without an amount, all that is left is refunded. */
export const RefundBody = z.strictObject({
  amount: amount.optional(),
  reason: z.enum(REFUND_REASONS).nullable().default(null),
  description: z.string().max(500).nullable().default(null),
  metadata: z.record(z.string(), z.unknown()).nullable().default(null),
})

/** Without an amount, all that is left to be refunded is disputed. */
export const DisputeBody = z.strictObject({
  amount: amount.optional(),
  reason: z.enum(DISPUTE_REASONS).default('fraudulent'),
})

export const CloseBody = z.strictObject({ status: z.enum(['won', 'lost']) })

export const SettingsBody = z.strictObject({
  refunds: z.enum(['succeed', 'pending', 'fail']).exactOptional(),
  pending_refunds: z.enum(['reserved', 'refunded']).exactOptional(),
})

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
