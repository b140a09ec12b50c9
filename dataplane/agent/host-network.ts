/** What the agent needs of the network on its own machine. */
export interface HostNetwork {
  /** Network namespace in which machines run; undefined for the agent's own. */
  readonly namespace: string | undefined
  /** Makes the persistent tap of a logical port, owned by `uid`, and binds it. */
  ensureTap(portId: string, uid: number): Promise<{ ifname: string }>
  /** Removes the tap of a port; nothing happens when there is none. */
  removeTap(portId: string): Promise<void>
  /** Ids of the ports that have a tap. */
  listTaps(): Promise<string[]>
  /** Makes the namespace in which a router's guests reach 100.100.100.200. */
  ensureMetadataPort(routerId: string): Promise<{ netns: string }>
  removeMetadataPort(routerId: string): Promise<void>
  /** Ids of the routers that have one. */
  listMetadataPorts(): Promise<string[]>
}

/** A host without a network: machines with no NIC run, others are refused. */
export const noNetwork: HostNetwork = {
  namespace: undefined,
  ensureTap: (portId) => Promise.reject(new Error(`port ${portId}: this host has no network`)),
  removeTap: () => Promise.resolve(),
  listTaps: () => Promise.resolve([]),
  ensureMetadataPort: (routerId) => Promise.reject(new Error(`router ${routerId}: this host has no network`)),
  removeMetadataPort: () => Promise.resolve(),
  listMetadataPorts: () => Promise.resolve([]),
}
