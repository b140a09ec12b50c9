import { join } from 'node:path'
import { firstUidOf } from '@pileus/dataplane/agent/machine-users'
import { stopFabric } from '@pileus/dataplane/network/host'
import { findOtherFabric } from '@pileus/dataplane/network/namespace-owner'
import { createSimulatedHosts, type SimulatedHosts } from '@pileus/dataplane/simulated/simulated-hosts'
import type { SyncRequest, SyncResponse } from '@pileus/kernel/fabric/machines'
import type { Log } from '@pileus/kernel/log'
import { keepAgentRunning } from './agent-process.ts'
import type { CloudConfig } from './config.ts'
import { listMachines } from './leftovers.ts'
import { fabricDirOf } from './network.ts'
import { PowerOffSwitch } from './power-off.ts'
import type { Services } from './services.ts'

export interface EngineSideParts {
  config: CloudConfig
  services: Services
  /** Where agents reach this control plane; without one there are no agent processes. */
  controlSocket: string | undefined
  log: Log
  /** Once aborted, no agent is started any more. */
  forced?: AbortSignal | undefined
}

/** What runs machines and networks, as the control plane sees it. */
export interface EngineSide {
  /** One agent's exchange. */
  sync(request: SyncRequest, signal: AbortSignal): Promise<SyncResponse>
  /** The simulated hosts, for tests to slow down and to fail; absent with real ones. */
  simulated?: SimulatedHosts
  /** Powers off machines and takes the network down; records and disks stay. */
  stopMachines(): Promise<void>
  /** Of a start that is given up: ends what it started, unless machines that ran before need it. */
  abandon(): Promise<void>
  close(): Promise<void>
}

/** Of a process that answers requests only. */
export const noEngineSide: EngineSide = {
  sync: async () => {
    throw new Error('agents talk to the process that runs the engine')
  },
  stopMachines: async () => {},
  abandon: async () => {},
  close: async () => {},
}

/** How long guests have to shut down when the whole cloud stops. */
const powerOffTimeoutMs = 45_000

export async function startEngineSide(parts: EngineSideParts): Promise<EngineSide> {
  return parts.config.engine === 'simulated' ? startSimulated(parts) : startQemu(parts)
}

async function startSimulated({ config, services, log }: EngineSideParts): Promise<EngineSide> {
  const hosts = createSimulatedHosts({
    machines: config.simulatedMachines,
    zoneIds: config.hosted.regions.flatMap((region) => region.zones.map((zone) => zone.id)),
    stateFile: join(config.dataDir, 'simulated-machines.json'),
    sync: (requests, signal) => services.ecs.agents.handleSyncs(requests, signal),
    log,
  })
  await hosts.ready()
  return {
    simulated: hosts,
    sync: async () => {
      throw new Error('this cloud runs the simulated engine, which has no agents outside its process')
    },
    stopMachines: async () => {},
    abandon: async () => {},
    close: () => hosts.stop(),
  }
}

function startQemu({ config, services, controlSocket, log, forced }: EngineSideParts): EngineSide {
  const agents = new PowerOffSwitch((request, signal) => services.ecs.agents.handleSync(request, signal))
  const fabricDir = fabricDirOf(config)
  const other = findOtherFabric({ namespace: config.namespace, runDir: fabricDir })
  if (other !== undefined) {
    throw new Error(
      `the network namespace "${config.namespace}" is in use by the cloud that has ${other}; choose another with --namespace`,
    )
  }
  const agent =
    controlSocket === undefined
      ? undefined
      : keepAgentRunning({
          dataDir: config.dataDir,
          installDir: config.installDir,
          config: {
            engine: 'qemu',
            dataDir: config.dataDir,
            namespace: config.namespace,
            fabricDir,
            controlUrl: `http+unix://${controlSocket}`,
            firstUid: config.hasMachineUsers ? firstUidOf(config.dataDir) : null,
          },
          log,
          forced,
        })
  const stopNetwork = async (): Promise<void> => {
    await agent?.stop()
    await stopFabric({ namespace: config.namespace, runDir: fabricDir })
  }
  return {
    sync: (request, signal) => agents.sync(request, signal),
    async stopMachines() {
      if ((await agents.powerOff(powerOffTimeoutMs)) === 'late') log.warn('some machines did not shut down in time')
      await stopNetwork()
    },
    async abandon() {
      if ((await listMachines(config.dataDir)).length === 0) await stopNetwork()
    },
    async close() {
      agent?.release()
    },
  }
}
