import type { Clock } from '@pileus/kernel/clock'
import type { NetworkDriver } from '@pileus/kernel/fabric/network'
import type { Log } from '@pileus/kernel/log'
import { kernelMigrations } from '@pileus/kernel/migrations'
import type { Service } from '@pileus/kernel/operation'
import type { SecretBox } from '@pileus/kernel/secret-box'
import type { Migration } from '@pileus/kernel/store/migrations'
import type { Store } from '@pileus/kernel/store/store'
import type { WakeListener } from '@pileus/kernel/wake'
import { createRamService, type RamService } from '@pileus/ram/service'
import { createStsService } from '@pileus/sts/service'
import type { CloudConfig } from './config.ts'

export interface ServiceParts {
  config: CloudConfig
  store: Store
  secretBox: SecretBox
  clock: Clock
  wakes: WakeListener
  log: Log
}

export interface Services {
  all: readonly Service[]
  ram: RamService
  migrations: readonly Migration[]
  close(): void
}

/** Makes every product and gives each the ports of its neighbours. */
export function createServices(parts: ServiceParts): Services {
  const { store, secretBox, clock, wakes } = parts
  const ram = createRamService({ store, secretBox, clock, wakes })
  const all: Service[] = [ram, createStsService({ ram: ram.port })]
  return {
    all,
    ram,
    migrations: [...kernelMigrations, ...all.flatMap((service) => service.migrations)],
    close: () => ram.close(),
  }
}
