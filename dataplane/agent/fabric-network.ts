/** The host's network as the agent uses it, on OVS and OVN. */

import type { FabricPlace } from '../network/daemons.ts'
import { openHostPorts } from '../network/host-ports.ts'
import type { HostNetwork } from './host-network.ts'

/** Opens the network of a fabric that runs; `close` lets go of it. */
export function openFabricNetwork(place: FabricPlace): HostNetwork & { close(): void } {
  const ports = openHostPorts(place)
  return {
    namespace: place.namespace,
    ensureTap: (portId, uid) => ports.ensureTap(portId, uid),
    removeTap: (portId) => ports.removeTap(portId),
    listTaps: async () => (await ports.listTaps()).map((tap) => tap.portId),
    ensureMetadataPort: (routerId) => ports.ensureMetadataPort(routerId),
    removeMetadataPort: (routerId) => ports.removeMetadataPort(routerId),
    listMetadataPorts: async () => (await ports.listMetadataPorts()).map((port) => port.routerId),
    close: () => ports.close(),
  }
}
