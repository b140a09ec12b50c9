import { join } from 'node:path'
import { createOvnDriver } from '@pileus/dataplane/network/ovn-driver'
import type { NetworkDriver } from '@pileus/kernel/fabric/network'
import { SimulatedNetworkDriver } from '@pileus/kernel/fabric/simulated-network'
import { shortDirectory } from '@pileus/kernel/short-directory'
import type { CloudConfig } from './config.ts'

/** Where the network's databases and sockets are. */
export function fabricDirOf(config: Pick<CloudConfig, 'dataDir'>): string {
  return shortDirectory(config.dataDir, 'fabric', 'ovn-controller.sock.12345678'.length)
}

/** What makes the network true with this engine. */
export function createNetworkDriver(config: CloudConfig, cellId: string): NetworkDriver {
  if (config.engine === 'simulated') return new SimulatedNetworkDriver()
  // One machine: waiting for it to have applied a change means that a revoked rule is no longer in force.
  return createOvnDriver({ address: `unix:${join(fabricDirOf(config), 'nb.sock')}`, cell: cellId, readyAt: 'hosts' })
}
