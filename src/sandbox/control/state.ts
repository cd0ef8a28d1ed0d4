import { invalid } from '../api/parameters.ts'
import type { Sandbox } from '../sandbox.ts'

/** What is known here, with records as the API shows them, each part by its name. */
const PARTS = {
  now: ({ clock }: Sandbox) => clock.now().toISOString(),
  payment_intents: ({ ledger }: Sandbox) => ledger.all('payment_intent'),
  checkout_sessions: ({ ledger }: Sandbox) => ledger.sessions(),
  checkouts: () => [],
  payments: ({ ledger }: Sandbox) => ledger.all('payment'),
  refunds: ({ ledger }: Sandbox) => ledger.all('refund'),
  disputes: ({ ledger }: Sandbox) => ledger.all('dispute'),
  events: ({ events }: Sandbox) => events.all(),
  deliveries: ({ deliveries }: Sandbox) => deliveries.all(),
  publishers: ({ publishers }: Sandbox) =>
    publishers.all().map(({ url, events, mode }) => ({ url, events, mode })),
  requests: ({ requests }: Sandbox) => requests.all(),
  faults: ({ faults }: Sandbox) => faults.all(),
  settings: ({ settings }: Sandbox) => settings.current,
}

type Part = keyof typeof PARTS
export type SandboxState = { [P in Part]: ReturnType<(typeof PARTS)[P]> }

const ALL = Object.keys(PARTS) as Part[]

/** All of it. */
export function stateOf(sandbox: Sandbox): SandboxState {
  return collect(sandbox, ALL) as SandboxState
}

/**
 * Some of it: a test that looks after each of its steps need not fetch every event again.
 *
 * @param names such as `payments,refunds`; the time is always among them
 * @throws ApiError 422 for a name that is not known
 */
export function partsOfState(sandbox: Sandbox, names: string): Partial<SandboxState> {
  const wanted = names.split(',')
  const unknown = wanted.find((name) => !(ALL as string[]).includes(name))
  if (unknown !== undefined) {
    throw invalid('parameter_invalid', `only must name parts of ${ALL.join(', ')}`, 'only')
  }
  return collect(sandbox, ['now', ...(wanted as Part[])])
}

function collect(sandbox: Sandbox, parts: readonly Part[]): Partial<SandboxState> {
  return Object.fromEntries(parts.map((part) => [part, PARTS[part](sandbox)]))
}
