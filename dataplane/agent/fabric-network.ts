/** The host's network as the agent uses it, on OVS and OVN. */
import type { Fabric } from '../network/host.ts'
import { openHostPorts } from '../network/host-ports.ts'
import type { HostNetwork } from './host-network.ts'

const timeoutMs = 20_000

/** Opens the network of a fabric that runs; `close` lets go of it. Calls fail while the fabric does not answer. */
export function openFabricNetwork(fabric: Fabric): HostNetwork & { close(): void } {
  const ports = openHostPorts(fabric)
  return {
    namespace: fabric.namespace,
    offloads: fabric.datapath === 'system',
    ensureTap: (portId, uid) => inTime(ports.ensureTap(portId, uid)),
    removeTap: (portId) => inTime(ports.removeTap(portId)),
    listTaps: () => inTime(ports.listTaps()),
    ensureMetadataPort: (routerId) => inTime(ports.ensureMetadataPort(routerId)),
    removeMetadataPort: (routerId) => inTime(ports.removeMetadataPort(routerId)),
    listMetadataPorts: () => inTime(ports.listMetadataPorts()),
    close: () => ports.close(),
  }
}

/** Waiting for a fabric that is away must not keep a machine from hearing what else is desired of it. */
async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the fabric did not answer in ${timeoutMs} ms`)), timeoutMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
