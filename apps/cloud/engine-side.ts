import { join } from 'node:path'
import { stopFabric } from '@pileus/dataplane/network/host'
import type { SyncRequest, SyncResponse } from '@pileus/kernel/fabric/machines'
import type { Log } from '@pileus/kernel/log'
import { keepAgentRunning } from './agent-process.ts'
import type { CloudConfig } from './config.ts'
import { fabricDirOf } from './network.ts'
import { PowerOffSwitch } from './power-off.ts'
import type { Services } from './services.ts'

export interface EngineSideParts {
  config: CloudConfig
  services: Services
  /** Where agents reach this control plane; without one there are no agent processes. */
  controlSocket: string | undefined
  log: Log
}

/** What runs machines and networks, as the control plane sees it. */
export interface EngineSide {
  /** One agent's exchange. */
  sync(request: SyncRequest, signal: AbortSignal): Promise<SyncResponse>
  /** Powers off machines and takes the network down; records and disks stay. */
  stopMachines(): Promise<void>
  close(): Promise<void>
}

/** How long guests have to shut down when the whole cloud stops. */
const powerOffTimeoutMs = 45_000

export async function startEngineSide(parts: EngineSideParts): Promise<EngineSide> {
  return startSimulated(parts)
}

function startSimulated(_parts: EngineSideParts): EngineSide {
  return {
    sync: async () => {
      throw new Error('this cloud runs the simulated engine, which has no agents outside its process')
    },
    stopMachines: async () => {},
    close: async () => {},
  }
}
