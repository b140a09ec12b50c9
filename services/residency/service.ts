import type { Clock } from '@pileus/kernel/clock'
import type { Log } from '@pileus/kernel/log'
import { bindOperations, type Service } from '@pileus/kernel/operation'
import type { AuditSink, ResidencyGate } from '@pileus/kernel/ports'
import type { SecretBox } from '@pileus/kernel/secret-box'
import type { Store } from '@pileus/kernel/store/store'
import type { WakeListener } from '@pileus/kernel/wake'
import { createDecisionLog } from './decision-log.ts'
import { createResidencyGate } from './gate.ts'
import { residencyMigrations } from './migrations.ts'
import { operations } from './operations.ts'
import { rememberProfiles } from './profiles.ts'
import { createReporter } from './reporter.ts'

interface Parts {
  store: Store
  secretBox: SecretBox
  clock: Clock
  wakes: Pick<WakeListener, 'on'>
  cellId: string
  log: Log
  /** The trail, once it is made. */
  audit: () => AuditSink
  /** Every product of the cell, once all are made. */
  services: () => readonly Service[]
}

export interface ResidencyService extends Service {
  readonly gate: ResidencyGate
  close(): Promise<void>
}

/** Where data may be: what accounts say of theirs, the gate, and reports. */
export function createResidencyService(parts: Parts): ResidencyService {
  const { store, secretBox, clock, wakes, cellId, services, audit, log } = parts
  const profiles = rememberProfiles(store, wakes)
  const decisions = createDecisionLog({ store, clock, log, audit })
  const reporter = createReporter({ store, secretBox, clock, cellId, services })
  return {
    product: 'Residency',
    operations: bindOperations(operations, { profiles, reporter }),
    migrations: residencyMigrations,
    reconcilers: [],
    gate: createResidencyGate({ profiles, decisions, clock }),
    close() {
      profiles.close()
      return decisions.close()
    },
  }
}
