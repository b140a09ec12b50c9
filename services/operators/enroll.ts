import type { Clock } from '@pileus/kernel/clock'
import type { AuditSink } from '@pileus/kernel/ports'
import type { Store } from '@pileus/kernel/store/store'
import type { RamPort } from '@pileus/ram/port'
import { findOperator } from '@pileus/world/operators'
import { insertEnrolment } from './tables/enrolments.ts'

export interface EnrolledOperator {
  operatorId: string
  accountId: string
  accessKeyId: string
  /** Told once. */
  accessKeySecret: string
}

/**
 * Opens the account through which an operator acts. Its root key makes RAM users, one for each administrator; nobody
 * else can. Only whoever has the machine may enroll, and each operator once.
 * @throws Error for an unknown operator, and for one that is enrolled
 */
export async function enrollOperator(
  parts: { store: Store; clock: Clock; ram: RamPort; audit: AuditSink },
  operatorId: string,
): Promise<EnrolledOperator> {
  const { store, clock, ram, audit } = parts
  const operator = findOperator(operatorId)
  if (!operator) throw new Error(`there is no operator "${operatorId}"; see \`pileus operator list\``)
  return await store.transaction(async (tx) => {
    const account = await ram.createAccount(tx)
    if (!(await insertEnrolment(tx, { operatorId, accountId: account.accountId, at: clock.now() }))) {
      throw new Error(`the operator "${operatorId}" is enrolled; only its own administrators add others`)
    }
    const event = {
      actor: { kind: 'platform', name: 'pileus operator enroll' },
      action: 'operators:EnrollOperator',
      kind: 'write',
      regionId: operator.seatRegionId,
      accountId: account.accountId,
      outcome: { kind: 'success' },
      resources: [`acs:operators:*:${account.accountId}:operator/${operatorId}`],
    } as const
    await audit.recordEvent(event, tx)
    return { operatorId, ...account }
  })
}
