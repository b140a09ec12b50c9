/**
 * What a host agent and the control plane tell each other about machines.
 *
 * The agent pulls: it posts what it observes and gets what is desired of its hosts. Everything is a whole state,
 * never a command: a lost or repeated message changes nothing. What is absent from `DesiredHosts` is removed.
 */

/** Capacity of one physical machine, shared by all host records that stand for it. */
export interface MachineCapacity {
  vcpus: number
  memoryMiB: number
  diskGiB: number
}

export interface DesiredMachine {
  id: string
  /** Grows with each change of this document; the agent reports the last one it made true. */
  generation: number
  power: 'on' | 'off'
  /** Grows with each requested reboot; a running machine that booted under a lower one is rebooted. */
  bootGeneration: number
  /** Whether power-off and reboot skip the guest's own shutdown. */
  force: boolean
  vcpus: number
  memoryMiB: number
  disks: DesiredDisk[]
  nics: DesiredNic[]
  metadata: MachineMetadata
  commands: DesiredCommand[]
}

export interface DesiredDisk {
  id: string
  /** The system disk is where the machine boots from. */
  role: 'system' | 'data'
  sizeGiB: number
  /** Where first content comes from. */
  source: { kind: 'image'; imageId: string } | { kind: 'blank' }
  /** Grows each time the disk is to begin anew from its source; absent: 1. */
  incarnation?: number
  /** Set when the disk is encrypted. */
  encryption?: DiskEncryption
}

/** A disk of no machine, whose content this host keeps. */
export type KeptDisk = Pick<DesiredDisk, 'id' | 'incarnation'>

/** The disk is LUKS in qcow2. Its key is told while the machine is to be started, and kept in memory only. */
export interface DiskEncryption {
  /** Of the key in KMS under which the disk's key is kept. */
  keyId: string
  /** Printable; absent while the key may not be used, or is not needed. */
  secret?: string
  /** Why there is no secret; absent when nothing is wrong. */
  problem?: string
}

export interface DesiredNic {
  /** Id of the logical port. */
  id: string
  mac: string
  ip: string
  primary: boolean
  /** Id of the logical router; the metadata service answers per router and address. */
  routerId: string
}

/** What the metadata service at 100.100.100.200 answers for a machine. */
export interface MachineMetadata {
  instanceId: string
  hostname: string
  regionId: string
  zoneId: string
  imageId: string
  instanceType: string
  ownerAccountId: string
  serialNumber: string
  privateIpv4: string
  mac: string
  vpcId: string
  vpcCidr: string
  vswitchId: string
  vswitchCidr: string
  networkInterfaces: {
    mac: string
    id: string
    primaryIp: string
    privateIps: string[]
    gateway: string
    netmask: string
    vswitchId: string
    vswitchCidr: string
    vpcId: string
  }[]
  /** Raw user data, base64; empty when none. */
  userData: string
  publicKeys: { name: string; openSsh: string }[]
  /** The role of the instance, with credentials of a session of it. */
  ramRole?: MachineRole
  /** `required` answers 403 without a session token. */
  httpTokens: 'optional' | 'required'
  httpEndpoint: 'enabled' | 'disabled'
}

/** Credentials that a guest finds by the name of its role. They change before they expire, and are kept in memory only. */
export interface MachineRole {
  name: string
  accessKeyId: string
  accessKeySecret: string
  securityToken: string
  /** ISO 8601, whole seconds. */
  expiration: string
  lastUpdated: string
}

export interface DesiredCommand {
  id: string
  type: 'shell'
  /** Script, base64. */
  content: string
  workingDir: string
  timeoutS: number
  username: string
  /** Asks for a run that goes on to be ended. */
  stop: boolean
}

export type ObservedCommand = {
  id: string
  startedAt: string
  /** Combined output so far, base64; the last 24 KiB, with `dropped` bytes before it. */
  output: string
  dropped: number
} & (
  | { status: 'running' }
  | { status: 'finished'; exitCode: number; finishedAt: string }
  | { status: 'timedOut' | 'stopped'; finishedAt: string }
  | { status: 'failed'; errorCode: string; errorInfo: string; finishedAt: string }
)

/** A disk that a machine has: nothing else may have it, until the machine is reported without it. */
export interface ObservedDisk {
  id: string
  incarnation: number
  /** Its content is here, and the machine, if it runs, can use it. */
  ready: boolean
}

export interface ObservedMachine {
  id: string
  /** Last `generation` that is wholly true here. */
  generation: number
  bootGeneration: number
  power: 'on' | 'off'
  /** When the running machine was started, ISO 8601; absent when off. */
  startedAt?: string
  /** Whether the guest answers commands. */
  guestReady: boolean
  /**
   * Set while the machine is off because its guest powered itself off. It stays off while `power: 'on'` is desired,
   * until `power: 'off'` or a higher `bootGeneration` is; so starting an instance raises `bootGeneration`.
   */
  poweredItselfOff?: true
  /** Why the last attempt failed; absent when nothing is wrong. Holds still while nothing changes. */
  error?: string
  commands: ObservedCommand[]
  /** Absent: not told. */
  disks?: readonly ObservedDisk[]
}

/** Tail of a serial console, sent when it has changed. */
export interface ConsoleTail {
  machineId: string
  /** At most 64 KiB, base64. */
  text: string
  updatedAt: string
}

/** Body of `POST /v1/sync`. */
export interface SyncRequest {
  /** Identifies the physical machine; made once, kept on its disk. */
  agentId: string
  engine: 'qemu' | 'simulated'
  accelerator: 'kvm' | 'tcg' | 'none'
  capacity: MachineCapacity
  /** Images this machine can boot. */
  images: AvailableImage[]
  observed: ObservedMachine[]
  consoles: ConsoleTail[]
  /** Every disk of which this host has any content; absent: not told. */
  diskIds?: readonly string[]
  /** Revision of the last answer; the control plane holds its answer up to `waitMs` while it is still current. */
  haveRevision: string
  waitMs: number
}

export interface AvailableImage {
  id: string
  name: string
  osName: string
  platform: string
  sizeGiB: number
  createdAt: string
  minMemoryMiB: number
}

export interface SyncResponse {
  revision: string
  /** Identifies the control plane's database: an agent never obeys another one. */
  cellId: string
  machines: DesiredMachine[]
  /** Disks to keep besides those of the machines; all others are removed. Absent: none is removed. */
  disks?: readonly KeptDisk[]
}
