import type { Clock } from '@pileus/kernel/clock'
import type { AccountId } from '@pileus/kernel/ids'
import { bindOperations, type Service } from '@pileus/kernel/operation'
import type { AuditSink, ResidencyGate } from '@pileus/kernel/ports'
import type { Store } from '@pileus/kernel/store/store'
import type { WakeListener } from '@pileus/kernel/wake'
import type { RamPort } from '@pileus/ram/port'
import { statusAt } from './domain/emergency-access.ts'
import { type EnrolledOperator, enrollOperator } from './enroll.ts'
import { operatorsMigrations } from './migrations.ts'
import { operations } from './operations.ts'
import type { OperatorsPort } from './port.ts'
import { findCustomer } from './tables/customers.ts'
import { findEmergencyAccess } from './tables/emergency-accesses.ts'
import { listEnrolments } from './tables/enrolments.ts'
import { hasFiling } from './tables/filings.ts'

interface Parts {
  store: Store
  clock: Clock
  wakes: Pick<WakeListener, 'on'>
  ram: RamPort
  residency: ResidencyGate
  audit: AuditSink
}

export interface OperatorsService extends Service {
  readonly port: OperatorsPort
  /** @throws Error for an unknown operator, and for one that is enrolled */
  enroll(operatorId: string): Promise<EnrolledOperator>
  /** Operators that have an account, by id. */
  listEnrolled(): Promise<{ operatorId: string; accountId: string }[]>
  close(): void
}

/** Most accounts whose state is remembered. */
const maxRemembered = 10_000

export function createOperatorsService(parts: Parts): OperatorsService {
  const { store, clock, wakes, ram, residency, audit } = parts
  const unverified = new Map<string, boolean>()
  const stopListening = wakes.on('operators.customers', () => unverified.clear())
  const loadUnverified = async (accountId: AccountId): Promise<boolean> => {
    const customer = await findCustomer(store.db, accountId)
    const answer = customer !== undefined && customer.identity_status !== 'Verified'
    if (unverified.size >= maxRemembered) unverified.clear()
    unverified.set(accountId, answer)
    return answer
  }
  return {
    product: 'Operators',
    operations: bindOperations(operations, { ram, residency, audit }),
    migrations: operatorsMigrations,
    reconcilers: [],
    port: {
      isUnverified: (accountId) => unverified.get(accountId) ?? loadUnverified(accountId),
      async mayServe(accountId, domain, jurisdiction) {
        if (!(await findCustomer(store.db, accountId))) return true
        return await hasFiling(store.db, { accountId, domain, jurisdiction })
      },
      isFiled: (accountId, domain, jurisdiction) => hasFiling(store.db, { accountId, domain, jurisdiction }),
      async findOpenRegion(emergencyAccessId) {
        const access = await findEmergencyAccess(store.db, emergencyAccessId)
        return access && statusAt(access, clock.now()) === 'Approved' ? access.region_id : undefined
      },
    },
    enroll: (operatorId) => enrollOperator({ store, clock, ram, audit }, operatorId),
    async listEnrolled() {
      const rows = await listEnrolments(store.db)
      return rows.map((row) => ({ operatorId: row.operator_id, accountId: row.account_id }))
    },
    close: () => stopListening(),
  }
}
