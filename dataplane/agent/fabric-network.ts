/** The host's network as the agent uses it, on OVS and OVN. */

import type { Fabric } from '../network/host.ts'
import { openHostPorts } from '../network/host-ports.ts'
import type { HostNetwork } from './host-network.ts'

/** Opens the network of a fabric that runs; `close` lets go of it. */
export function openFabricNetwork(fabric: Fabric): HostNetwork & { close(): void } {
  const ports = openHostPorts(fabric)
  return Object.assign(ports, {
    namespace: fabric.namespace,
    offloads: fabric.datapath === 'system',
  })
}
