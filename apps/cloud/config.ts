import type { S3StoreAddress } from '@pileus/dataplane/objects/s3-store'
import type { HostedRegions } from '@pileus/kernel/hosted-regions'

export type Engine = 'qemu' | 'simulated'

export interface SystemUser {
  uid: number
  gid: number
}

/** What one control plane process needs to know; decided by the launcher, or by a test. */
export interface CloudConfig {
  /** Everything this cloud keeps. */
  dataDir: string
  /** Root of the checkout or of the installed package: where npm packages and guest files are found. */
  installDir: string
  hosted: HostedRegions
  engine: Engine
  /** Why this engine, for people. */
  engineReason: string
  /** Address of the public listeners. */
  listenHost: string
  /** 0 asks for any free port. */
  httpPort: number
  httpsPort: number
  /** PostgreSQL to use instead of the embedded one. */
  databaseUrl: string | undefined
  /** Who runs the embedded database, when this process is root. */
  databaseUser: SystemUser | undefined
  /** Whether machines run under users of their own, which takes root. */
  hasMachineUsers: boolean
  /** Network namespace of the data plane. */
  namespace: string
  /** Bucket of an S3-compatible store for customers' bytes; a directory below `dataDir` when not given. */
  objectStore?: S3StoreAddress
  /** Further processes that answer requests; none when not given. */
  workers?: number
  /** Most connections of this process to the database; 20 when not given. */
  databaseConnections?: number
  /** Machines of the simulated engine. */
  simulatedMachines: number
  /**
   * What callbacks and other requests to addresses of customers may reach besides the public network: addresses,
   * networks, or addresses with a port.
   */
  outboundAllow: readonly string[]
}

/** What a started cloud tells people and programs. */
export interface ReadyBlock {
  endpoint: string
  httpsEndpoint: string
  caFile: string
  caBundleFile: string
  accessKeyId: string
  accessKeySecret: string
  accountId: string
  engine: Engine
  engineReason: string
  regions: string[]
  defaultRegion: string
  dataDir: string
  pid: number
  namespace: string
}
