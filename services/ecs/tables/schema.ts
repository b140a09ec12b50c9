/** Shapes of the tables of schema `ecs`, and the record functions share. */
import type { AccountId } from '@pileus/kernel/ids'
import { type Db, tablesOf } from '@pileus/kernel/store/store'
import type { Generated, GeneratedAlways, Selectable } from 'kysely'
import type { InstanceStatus } from '../port.ts'

export interface Owner {
  accountId: AccountId
  regionId: string
}

export interface HostPoolTable {
  /** The agent's id. */
  id: string
  engine: 'qemu' | 'simulated'
  accelerator: string
  vcpus: number
  memory_mib: number
  disk_gib: number
  reserved_vcpus: Generated<number>
  reserved_memory_mib: Generated<number>
  reserved_disk_gib: Generated<number>
  image_ids: string[]
  heartbeat_at: Date
}

export interface HostTable {
  id: string
  pool_id: string
  region_id: string
  zone_id: string
  /** Random in [0, 1): placement begins to look at a random place. */
  sample_key: Generated<number>
}

export interface ImageTable {
  id: string
  family: string
  name: string
  os_name: string
  platform: string
  size_gib: number
  min_memory_mib: number
  created_at: Date
  engine: string
}

export interface InstanceTable {
  id: string
  account_id: string
  region_id: string
  zone_id: string
  pool_id: string
  instance_type: string
  vcpus: number
  memory_mib: number
  image_id: string
  os_name: string
  platform: string
  name: string
  description: string
  host_name: string
  key_pair_name: string | null
  ram_role_name: string | null
  /** Base64; empty when none. */
  user_data: string
  vpc_id: string
  vswitch_id: string
  resource_group_id: string
  credit_specification: string
  deletion_protection: boolean
  recyclable: Generated<boolean>
  http_endpoint: 'enabled' | 'disabled'
  http_tokens: 'optional' | 'required'
  http_hop_limit: number
  serial_number: string
  created_at: Date
  started_at: Date | null
  auto_release_at: Date | null
  /** Set when the customer deleted it; the row stays until its host has confirmed the removal. */
  deleted_at: Date | null
  desired_power: 'on' | 'off'
  force_power: boolean
  stopped_mode: 'KeepCharging' | 'StopCharging'
  /** Whether processors and memory are reserved on the pool. */
  reserved: boolean
  generation: Generated<number>
  boot_generation: Generated<number>
  /** Hash of the machine document last offered to the host; null when none was. */
  offered_hash: Generated<string | null>
  observed_power: Generated<'on' | 'off' | null>
  observed_generation: Generated<number>
  observed_boot_generation: Generated<number>
  observed_started_at: Generated<Date | null>
  guest_ready: Generated<boolean>
  machine_error: Generated<string | null>
  /** Computed by the table from intent and observation. */
  status: GeneratedAlways<InstanceStatus>
}

export interface DiskTable {
  id: string
  account_id: string
  region_id: string
  zone_id: string
  instance_id: string | null
  role: 'system' | 'data'
  category: string
  performance_level: string
  size_gib: number
  image_id: string | null
  name: string
  description: string
  device: string
  /** Of an encrypted disk: the KMS key, and the disk's own key as KMS wrapped it. */
  kms_key_id: string | null
  wrapped_key: Buffer | null
  delete_with_instance: boolean
  resource_group_id: string
  created_at: Date
  attached_at: Date | null
  detached_at: Generated<Date | null>
  /** Where its content lies, or will. */
  pool_id: string | null
  /** Whether that host was ever told of it. */
  placed: Generated<boolean>
  /** The instance is to let go of it. */
  detaching: Generated<boolean>
  /** Set when the customer deleted it; the row stays until its host has confirmed the removal. */
  deleted_at: Generated<Date | null>
  /** Grows each time the disk is to begin anew. */
  incarnation: Generated<number>
  /** The one that the instance's machine has; null until it has the disk. */
  observed_incarnation: Generated<number | null>
  /** Computed by the table from intent and observation. */
  status: GeneratedAlways<DiskStatus>
}

export type DiskStatus = 'Available' | 'Attaching' | 'In_use' | 'ReIniting' | 'Detaching' | 'Deleting'

export interface KeyPairTable {
  account_id: string
  region_id: string
  id: string
  name: string
  fingerprint: string
  public_key: string
  resource_group_id: string
  created_at: Date
}

export interface CommandTable {
  id: string
  account_id: string
  region_id: string
  name: string
  description: string
  type: string
  /** Base64. */
  content: string
  working_dir: string
  timeout_s: number
  enable_parameter: boolean
  resource_group_id: string
  /** Whether DescribeCommands lists it. */
  kept: boolean
  invoke_times: Generated<number>
  created_at: Date
}

export interface InvocationTable {
  id: string
  account_id: string
  region_id: string
  command_id: string
  command_name: string
  command_description: string
  command_type: string
  /** What the customer wrote, base64. */
  content: string
  /** What runs, base64: `content` with its parameters filled in. */
  script: string
  parameters: string
  working_dir: string
  timeout_s: number
  username: string
  created_at: Date
}

export type TargetStatus = 'Pending' | 'Running' | 'Success' | 'Failed' | 'Stopping' | 'Stopped' | 'Timeout'

export interface TargetTable {
  invoke_id: string
  instance_id: string
  account_id: string
  region_id: string
  command_id: string
  status: TargetStatus
  stop_requested: Generated<boolean>
  output: Generated<string>
  dropped: Generated<number>
  exit_code: number | null
  error_code: Generated<string>
  error_info: Generated<string>
  created_at: Date
  started_at: Date | null
  finished_at: Date | null
}

/** Counted columns of instances, and by how much their count changed. */
type InstanceCountStepTable = Pick<InstanceRow, CountedColumn> & { step: number }

/** What instances are counted by. */
export type CountedColumn =
  | 'account_id'
  | 'region_id'
  | 'status'
  | 'zone_id'
  | 'vpc_id'
  | 'vswitch_id'
  | 'instance_type'
  | 'image_id'
  | 'key_pair_name'
  | 'resource_group_id'
  | 'http_endpoint'
  | 'http_tokens'
  | 'http_hop_limit'

export interface ConsoleTable {
  instance_id: string
  /** Base64. */
  text: string
  updated_at: Date
}

export interface EcsTables {
  'ecs.host_pools': HostPoolTable
  'ecs.hosts': HostTable
  'ecs.images': ImageTable
  'ecs.instances': InstanceTable
  'ecs.instance_count_steps': InstanceCountStepTable
  'ecs.disks': DiskTable
  'ecs.key_pairs': KeyPairTable
  'ecs.commands': CommandTable
  'ecs.invocations': InvocationTable
  'ecs.invocation_targets': TargetTable
  'ecs.consoles': ConsoleTable
}

export type InstanceRow = Selectable<InstanceTable>
export type DiskRow = Selectable<DiskTable>
export type KeyPairRow = Selectable<KeyPairTable>
export type CommandRow = Selectable<CommandTable>
export type InvocationRow = Selectable<InvocationTable>
export type TargetRow = Selectable<TargetTable>
export type ImageRow = Selectable<ImageTable>
export type HostPoolRow = Selectable<HostPoolTable>

export const ecsTables = (db: Db) => tablesOf<EcsTables>(db)
