import type { Migration } from '@pileus/kernel/store/migrations'

/** Tables of the network's intent. Blocks are text, checked when they are written; addresses are `inet`. */
export const vpcMigrations: readonly Migration[] = [
  {
    id: 'vpc/001-networks',
    sql: `
      create schema vpc;
      -- Suffixes of MAC addresses: a sequence never gives one twice before it has given all.
      create sequence vpc.mac_suffixes minvalue 0 maxvalue 16777215 cycle;
      create table vpc.vpcs (
        vpc_id text primary key,
        account_id text not null,
        region_id text not null,
        cidr text not null,
        secondary_cidrs text[] not null default '{}',
        user_cidrs text[] not null default '{}',
        name text not null,
        description text not null,
        is_default boolean not null,
        dns_hostnames boolean not null,
        vrouter_id text not null unique,
        resource_group_id text not null,
        created_at timestamptz not null
      );
      create index vpcs_by_owner on vpc.vpcs (account_id, region_id, created_at, vpc_id);
      create unique index vpcs_one_default on vpc.vpcs (account_id, region_id) where is_default;
      create table vpc.route_tables (
        route_table_id text primary key,
        account_id text not null,
        region_id text not null,
        vpc_id text not null references vpc.vpcs,
        is_system boolean not null,
        name text not null,
        description text not null,
        propagates boolean not null,
        created_at timestamptz not null
      );
      create index route_tables_by_owner on vpc.route_tables (account_id, region_id, created_at, route_table_id);
      create index route_tables_by_vpc on vpc.route_tables (vpc_id);
      create unique index route_tables_one_system on vpc.route_tables (vpc_id) where is_system;
      create table vpc.vswitches (
        vswitch_id text primary key,
        account_id text not null,
        region_id text not null,
        vpc_id text not null references vpc.vpcs,
        zone_id text not null,
        cidr text not null,
        name text not null,
        description text not null,
        is_default boolean not null,
        route_table_id text not null references vpc.route_tables,
        next_offset bigint not null default 0,
        created_at timestamptz not null
      );
      create index vswitches_by_owner on vpc.vswitches (account_id, region_id, created_at, vswitch_id);
      create index vswitches_by_vpc on vpc.vswitches (vpc_id, created_at, vswitch_id);
      create index vswitches_by_route_table on vpc.vswitches (route_table_id);
      create unique index vswitches_one_default on vpc.vswitches (account_id, region_id, zone_id) where is_default;
      create table vpc.route_entries (
        route_entry_id text primary key,
        account_id text not null,
        region_id text not null,
        route_table_id text not null references vpc.route_tables,
        destination text not null,
        next_hop_type text not null,
        next_hop_id text not null,
        name text not null,
        description text not null,
        created_at timestamptz not null,
        unique (route_table_id, destination)
      );
      create index route_entries_by_next_hop on vpc.route_entries (next_hop_id);
    `,
  },
  {
    id: 'vpc/002-security-groups-and-nics',
    sql: `
      create table vpc.security_groups (
        security_group_id text primary key,
        account_id text not null,
        region_id text not null,
        vpc_id text not null references vpc.vpcs,
        name text not null,
        description text not null,
        type text not null,
        inner_access text not null,
        is_implicit boolean not null,
        resource_group_id text not null,
        created_at timestamptz not null
      );
      create index security_groups_by_owner
        on vpc.security_groups (account_id, region_id, created_at, security_group_id);
      create index security_groups_by_vpc on vpc.security_groups (vpc_id);
      create table vpc.security_group_rules (
        rule_id text primary key,
        security_group_id text not null references vpc.security_groups,
        direction text not null,
        policy text not null,
        priority integer not null,
        protocol text not null,
        port_range text not null,
        source_port_range text not null,
        peer_cidr text not null,
        peer_group_id text not null,
        local_cidr text not null,
        description text not null,
        created_at timestamptz not null,
        unique (security_group_id, direction, policy, priority, protocol, port_range, source_port_range, peer_cidr,
          peer_group_id, local_cidr)
      );
      create index security_group_rules_by_peer on vpc.security_group_rules (peer_group_id) where peer_group_id <> '';
      create table vpc.nics (
        nic_id text primary key,
        account_id text not null,
        region_id text not null,
        zone_id text not null,
        vpc_id text not null,
        vswitch_id text not null references vpc.vswitches,
        mac text not null,
        type text not null,
        instance_id text,
        hostname text not null,
        name text not null,
        description text not null,
        delete_on_release boolean not null,
        source_dest_check boolean not null,
        resource_group_id text not null,
        attached_at timestamptz,
        created_at timestamptz not null,
        unique (vswitch_id, mac)
      );
      create index nics_by_owner on vpc.nics (account_id, region_id, created_at, nic_id);
      create index nics_by_instance on vpc.nics (instance_id) where instance_id is not null;
      create unique index nics_one_primary on vpc.nics (instance_id) where type = 'Primary';
      create table vpc.addresses (
        vswitch_id text not null references vpc.vswitches,
        ip inet not null,
        nic_id text not null references vpc.nics on delete cascade,
        is_primary boolean not null,
        primary key (vswitch_id, ip)
      );
      create index addresses_by_nic on vpc.addresses (nic_id);
      create index addresses_by_ip on vpc.addresses (ip);
      create table vpc.nic_security_groups (
        nic_id text not null references vpc.nics on delete cascade,
        security_group_id text not null references vpc.security_groups,
        primary key (nic_id, security_group_id)
      );
      create index nic_security_groups_by_group on vpc.nic_security_groups (security_group_id);
    `,
  },
]
