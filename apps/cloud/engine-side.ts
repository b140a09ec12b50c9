import type { Clock } from '@pileus/kernel/clock'
import type { Log } from '@pileus/kernel/log'
import type { Store } from '@pileus/kernel/store/store'
import type { CloudConfig } from './config.ts'
import type { Services } from './services.ts'

export interface EngineSideParts {
  config: CloudConfig
  cellId: string
  services: Services
  store: Store
  clock: Clock
  log: Log
  onProgress: (step: string) => void
}

/** What runs machines and networks, as the control plane sees it. */
export interface EngineSide {
  /** Powers off machines and takes the network down; records and disks stay. */
  stopMachines(): Promise<void>
  close(): Promise<void>
}

export async function startEngineSide(_parts: EngineSideParts): Promise<EngineSide> {
  return { stopMachines: async () => {}, close: async () => {} }
}
