/** What the agent needs of the network on its own machine. */
export interface HostNetwork {
  /** Network namespace in which machines run; undefined for the agent's own. */
  readonly namespace: string | undefined
  /** Whether the switch completes packets whose checksum or segmentation a guest leaves to the network card. */
  readonly offloads: boolean
  /** Makes the persistent tap of a logical port, owned by `uid`, and binds it. */
  ensureTap(portId: string, uid: number): Promise<{ ifname: string }>
  /** Removes the tap of a port; nothing happens when there is none. */
  removeTap(portId: string): Promise<void>
  /** The ports that have a tap, as far as is recorded. */
  listTaps(): Promise<{ portId: string; ifname: string }[]>
  /** Makes the namespace in which a router's guests reach 100.100.100.200. */
  ensureMetadataPort(routerId: string): Promise<{ netns: string }>
  removeMetadataPort(routerId: string): Promise<void>
  /** The routers that have one. */
  listMetadataPorts(): Promise<{ routerId: string; netns: string }[]>
}

/** A host without a network: machines with no NIC run, others are refused. */
export const noNetwork: HostNetwork = {
  namespace: undefined,
  offloads: false,
  ensureTap: (portId) => Promise.reject(new Error(`port ${portId}: this host has no network`)),
  removeTap: () => Promise.resolve(),
  listTaps: () => Promise.resolve([]),
  ensureMetadataPort: (routerId) => Promise.reject(new Error(`router ${routerId}: this host has no network`)),
  removeMetadataPort: () => Promise.resolve(),
  listMetadataPorts: () => Promise.resolve([]),
}
