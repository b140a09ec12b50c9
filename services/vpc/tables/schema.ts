/** Rows as PostgreSQL gives them. Only `tables/` sees them; functions there return domain types. */
import { type Db, tablesOf } from '@pileus/kernel/store/store'
import type { Generated, Kysely } from 'kysely'

interface Owned {
  account_id: string
  region_id: string
  created_at: Date
}

export interface VpcRow extends Owned {
  vpc_id: string
  cidr: string
  secondary_cidrs: string[]
  user_cidrs: string[]
  name: string
  description: string
  is_default: boolean
  dns_hostnames: boolean
  vrouter_id: string
  resource_group_id: string
}

export interface RouteTableRow extends Owned {
  route_table_id: string
  vpc_id: string
  is_system: boolean
  name: string
  description: string
  propagates: boolean
}

export interface VSwitchRow extends Owned {
  vswitch_id: string
  vpc_id: string
  zone_id: string
  cidr: string
  name: string
  description: string
  is_default: boolean
  route_table_id: string
}

export interface RouteEntryRow extends Owned {
  route_entry_id: string
  route_table_id: string
  destination: string
  next_hop_type: string
  next_hop_id: string
  name: string
  description: string
}

export interface SecurityGroupRow extends Owned {
  security_group_id: string
  vpc_id: string
  name: string
  description: string
  type: 'normal' | 'enterprise'
  inner_access: 'Accept' | 'Drop'
  is_implicit: boolean
  resource_group_id: string
}

/** Empty strings stand for what a rule does not narrow, so that a unique index can compare rules. */
export interface SecurityGroupRuleRow {
  rule_id: string
  security_group_id: string
  direction: 'ingress' | 'egress'
  policy: 'Accept' | 'Drop'
  priority: number
  protocol: 'TCP' | 'UDP' | 'ICMP' | 'GRE' | 'ALL'
  port_range: string
  source_port_range: string
  peer_cidr: string
  peer_group_id: string
  local_cidr: string
  description: string
  created_at: Date
}

export interface NicRow extends Owned {
  nic_id: string
  zone_id: string
  vpc_id: string
  vswitch_id: string
  mac: string
  type: 'Primary' | 'Secondary'
  instance_id: string | null
  hostname: string
  name: string
  description: string
  delete_on_release: boolean
  source_dest_check: boolean
  resource_group_id: string
  attached_at: Date | null
}

export interface AddressRow {
  vswitch_id: string
  ip: string
  nic_id: string
  is_primary: boolean
}

export interface VpcTables {
  'vpc.vpcs': VpcRow
  'vpc.route_tables': RouteTableRow
  'vpc.vswitches': VSwitchRow & { next_offset: Generated<number> }
  'vpc.route_entries': RouteEntryRow
  'vpc.security_groups': SecurityGroupRow
  'vpc.security_group_rules': SecurityGroupRuleRow
  'vpc.nics': NicRow
  'vpc.addresses': AddressRow
  'vpc.nic_security_groups': { nic_id: string; security_group_id: string }
}

export function tables(db: Db): Kysely<VpcTables> {
  return tablesOf<VpcTables>(db)
}

/** The PostgreSQL error codes that guards of races turn into answers. */
export function isUniqueViolation(error: unknown): boolean {
  return (error as { code?: unknown }).code === '23505'
}
