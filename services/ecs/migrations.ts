import type { Migration } from '@pileus/kernel/store/migrations'
import { countsByFilter } from './counts-by-filter.ts'

/** The tables of ECS. */
export const ecsMigrations: readonly Migration[] = [
  {
    id: 'ecs/001-hosts',
    sql: `
      create schema ecs;
      create table ecs.host_pools (
        id text primary key,
        engine text not null,
        accelerator text not null,
        vcpus integer not null,
        memory_mib integer not null,
        disk_gib integer not null,
        reserved_vcpus integer not null default 0 check (reserved_vcpus >= 0),
        reserved_memory_mib integer not null default 0 check (reserved_memory_mib >= 0),
        reserved_disk_gib integer not null default 0 check (reserved_disk_gib >= 0),
        image_ids text[] not null,
        heartbeat_at timestamptz not null
      ) with (fillfactor = 50);
      create table ecs.hosts (
        id text primary key,
        pool_id text not null references ecs.host_pools,
        region_id text not null,
        zone_id text not null,
        sample_key double precision not null default random()
      );
      create unique index hosts_by_pool on ecs.hosts (pool_id, zone_id);
      create index hosts_by_zone on ecs.hosts (zone_id, sample_key) include (pool_id);
      create table ecs.images (
        id text primary key,
        family text not null,
        name text not null,
        os_name text not null,
        platform text not null,
        size_gib integer not null,
        min_memory_mib integer not null,
        created_at timestamptz not null,
        engine text not null
      );
    `,
  },
  {
    id: 'ecs/002-instances',
    sql: `
      create table ecs.instances (
        id text primary key,
        account_id text not null,
        region_id text not null,
        zone_id text not null,
        pool_id text not null references ecs.host_pools,
        instance_type text not null,
        vcpus integer not null,
        memory_mib integer not null,
        image_id text not null,
        os_name text not null,
        platform text not null,
        name text not null,
        description text not null,
        host_name text not null,
        key_pair_name text,
        user_data text not null,
        vpc_id text not null,
        vswitch_id text not null,
        resource_group_id text not null,
        credit_specification text not null,
        deletion_protection boolean not null,
        recyclable boolean not null default true,
        http_endpoint text not null,
        http_tokens text not null,
        http_hop_limit integer not null,
        serial_number text not null,
        created_at timestamptz not null,
        started_at timestamptz,
        auto_release_at timestamptz,
        deleted_at timestamptz,
        desired_power text not null,
        force_power boolean not null,
        stopped_mode text not null,
        reserved boolean not null,
        generation integer not null default 1,
        boot_generation integer not null default 1,
        offered_hash text,
        observed_power text,
        observed_generation integer not null default 0,
        observed_boot_generation integer not null default 0,
        observed_started_at timestamptz,
        guest_ready boolean not null default false,
        machine_error text,
        status text not null generated always as (
          case
            when observed_power is null then 'Pending'
            when desired_power = 'on' and observed_power = 'on' and observed_boot_generation >= boot_generation
              then 'Running'
            when desired_power = 'on' then 'Starting'
            when observed_power = 'on' then 'Stopping'
            else 'Stopped'
          end
        ) stored
      );
      create index instances_listed on ecs.instances (account_id, region_id, created_at desc, id desc)
        where deleted_at is null;
      create index instances_by_pool on ecs.instances (pool_id);
      create index instances_by_key_pair on ecs.instances (account_id, region_id, key_pair_name)
        where key_pair_name is not null;
      create index instances_to_release on ecs.instances (auto_release_at)
        where auto_release_at is not null and deleted_at is null;

      -- How many instances each account has, so that unfiltered lists need not count them. The trigger is deferred:
      -- its row is the last that a transaction locks, which keeps parallel launches from waiting on one another.
      create table ecs.instance_counts (
        account_id text not null,
        region_id text not null,
        count integer not null,
        primary key (account_id, region_id)
      ) with (fillfactor = 50);
      create function ecs.count_instance() returns trigger language plpgsql as $body$
      declare
        step integer := case when tg_op = 'INSERT' then 1 else -1 end;
      begin
        insert into ecs.instance_counts values (new.account_id, new.region_id, step)
        on conflict (account_id, region_id) do update set count = instance_counts.count + step;
        return null;
      end
      $body$;
      create constraint trigger count_new after insert on ecs.instances
        deferrable initially deferred for each row execute function ecs.count_instance();
      create constraint trigger count_deleted after update of deleted_at on ecs.instances
        deferrable initially deferred for each row
        when (old.deleted_at is null and new.deleted_at is not null) execute function ecs.count_instance();

      create table ecs.disks (
        id text primary key,
        account_id text not null,
        region_id text not null,
        zone_id text not null,
        instance_id text references ecs.instances on delete set null,
        role text not null,
        category text not null,
        performance_level text not null,
        size_gib integer not null,
        image_id text,
        name text not null,
        description text not null,
        device text not null,
        delete_with_instance boolean not null,
        resource_group_id text not null,
        created_at timestamptz not null,
        attached_at timestamptz
      );
      create index disks_listed on ecs.disks (account_id, region_id, created_at desc, id desc);
      create index disks_by_instance on ecs.disks (instance_id);

      create table ecs.key_pairs (
        account_id text not null,
        region_id text not null,
        name text not null,
        id text not null unique,
        fingerprint text not null,
        public_key text not null,
        resource_group_id text not null,
        created_at timestamptz not null,
        primary key (account_id, region_id, name)
      );
      create table ecs.consoles (
        instance_id text primary key references ecs.instances on delete cascade,
        text text not null,
        updated_at timestamptz not null
      );
    `,
  },
  {
    id: 'ecs/003-commands',
    sql: `
      create table ecs.commands (
        id text primary key,
        account_id text not null,
        region_id text not null,
        name text not null,
        description text not null,
        type text not null,
        content text not null,
        working_dir text not null,
        timeout_s integer not null,
        enable_parameter boolean not null,
        resource_group_id text not null,
        kept boolean not null,
        invoke_times integer not null default 0,
        created_at timestamptz not null
      );
      create index commands_listed on ecs.commands (account_id, region_id, created_at desc, id desc) where kept;
      create table ecs.invocations (
        id text primary key,
        account_id text not null,
        region_id text not null,
        command_id text not null,
        command_name text not null,
        command_description text not null,
        command_type text not null,
        content text not null,
        script text not null,
        parameters text not null,
        working_dir text not null,
        timeout_s integer not null,
        username text not null,
        created_at timestamptz not null
      );
      create index invocations_listed on ecs.invocations (account_id, region_id, created_at desc, id desc);
      create table ecs.invocation_targets (
        invoke_id text not null references ecs.invocations on delete cascade,
        instance_id text not null,
        account_id text not null,
        region_id text not null,
        command_id text not null,
        status text not null,
        stop_requested boolean not null default false,
        output text not null default '',
        dropped integer not null default 0,
        exit_code integer,
        error_code text not null default '',
        error_info text not null default '',
        created_at timestamptz not null,
        started_at timestamptz,
        finished_at timestamptz,
        primary key (invoke_id, instance_id)
      );
      create index targets_listed on ecs.invocation_targets (account_id, region_id, created_at desc, invoke_id desc);
      create index targets_by_instance on ecs.invocation_targets (instance_id);
      create index targets_unfinished on ecs.invocation_targets (instance_id)
        where status in ('Pending', 'Running', 'Stopping');
    `,
  },
  {
    id: 'ecs/004-counts',
    // Steps that are summed up, instead of one row for each account: parallel launches of an account would wait for it.
    sql: `
      drop trigger count_new on ecs.instances;
      drop trigger count_deleted on ecs.instances;
      drop function ecs.count_instance;
      create table ecs.instance_count_steps (
        account_id text not null,
        region_id text not null,
        step integer not null
      );
      create index instance_count_steps_by_owner on ecs.instance_count_steps (account_id, region_id) include (step);
      insert into ecs.instance_count_steps select account_id, region_id, count from ecs.instance_counts;
      drop table ecs.instance_counts;
      create function ecs.count_new_instances() returns trigger language plpgsql as $body$
      begin
        insert into ecs.instance_count_steps
        select account_id, region_id, count(*) from made where deleted_at is null group by 1, 2;
        return null;
      end
      $body$;
      create trigger count_new after insert on ecs.instances referencing new table as made
        for each statement execute function ecs.count_new_instances();
      create function ecs.count_gone_instance() returns trigger language plpgsql as $body$
      begin
        insert into ecs.instance_count_steps values (old.account_id, old.region_id, -1);
        return null;
      end
      $body$;
      create trigger count_hidden after update of deleted_at on ecs.instances for each row
        when (old.deleted_at is null and new.deleted_at is not null) execute function ecs.count_gone_instance();
      create trigger count_removed after delete on ecs.instances for each row
        when (old.deleted_at is null) execute function ecs.count_gone_instance();
    `,
  },
  {
    id: 'ecs/005-instance-roles',
    sql: `
      alter table ecs.instances add column ram_role_name text;
      create index instances_by_ram_role on ecs.instances (account_id, region_id, ram_role_name)
        where ram_role_name is not null;
    `,
  },
  {
    id: 'ecs/006-disk-encryption',
    sql: `
      alter table ecs.disks add column kms_key_id text, add column wrapped_key bytea;
    `,
  },
  {
    id: 'ecs/007-disks-on-their-own',
    // Operations write the intent, agents' reports observed_incarnation; the status follows from both. A disk lies on
    // one host from its creation: placed tells whether that host was ever told of it.
    sql: `
      alter table ecs.disks
        add column pool_id text references ecs.host_pools,
        add column placed boolean not null default true,
        add column detaching boolean not null default false,
        add column deleted_at timestamptz,
        add column detached_at timestamptz,
        add column incarnation integer not null default 1,
        add column observed_incarnation integer default 1;
      alter table ecs.disks add constraint disks_detach_from_an_instance check (instance_id is not null or not detaching);
      alter table ecs.disks add column status text not null generated always as (
        case
          when deleted_at is not null then 'Deleting'
          when instance_id is null then 'Available'
          when detaching then 'Detaching'
          when observed_incarnation is null then 'Attaching'
          when observed_incarnation < incarnation then 'ReIniting'
          else 'In_use'
        end
      ) stored;
      update ecs.disks set pool_id = (select pool_id from ecs.instances i where i.id = instance_id);
      create unique index disks_by_device on ecs.disks (instance_id, device) where instance_id is not null;
      create index disks_apart on ecs.disks (pool_id, id) where status <> 'In_use';
    `,
  },
  countsByFilter,
]
