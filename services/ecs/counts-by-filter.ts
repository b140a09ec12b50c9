import type { Migration } from '@pileus/kernel/store/migrations'

/**
 * Counts are kept apart for each combination of what lists are filtered by, of which there are few, and each such
 * column has its own index in the order of lists: a page and its total cost the same among many instances.
 */
export const countsByFilter: Migration = {
  id: 'ecs/008-counts-by-filter',
  sql: `
    drop trigger count_new on ecs.instances;
    drop trigger count_hidden on ecs.instances;
    drop trigger count_removed on ecs.instances;
    drop function ecs.count_new_instances;
    drop function ecs.count_gone_instance;
    drop table ecs.instance_count_steps;
    create table ecs.instance_count_steps (
      account_id text not null,
      region_id text not null,
      status text not null,
      zone_id text not null,
      vpc_id text not null,
      vswitch_id text not null,
      instance_type text not null,
      image_id text not null,
      key_pair_name text,
      resource_group_id text not null,
      http_endpoint text not null,
      http_tokens text not null,
      http_hop_limit integer not null,
      step integer not null
    );
    create index instance_count_steps_by_owner on ecs.instance_count_steps (account_id, region_id);
    insert into ecs.instance_count_steps
      select account_id, region_id, status, zone_id, vpc_id, vswitch_id, instance_type, image_id, key_pair_name,
        resource_group_id, http_endpoint, http_tokens, http_hop_limit, count(*)
      from ecs.instances where deleted_at is null group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13;
    create function ecs.count_new_instances() returns trigger language plpgsql as $body$
    begin
      insert into ecs.instance_count_steps
        select account_id, region_id, status, zone_id, vpc_id, vswitch_id, instance_type, image_id, key_pair_name,
          resource_group_id, http_endpoint, http_tokens, http_hop_limit, count(*)
        from made where deleted_at is null group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13;
      return null;
    end
    $body$;
    create function ecs.count_changed_instance() returns trigger language plpgsql as $body$
    begin
      if old.deleted_at is null then
        insert into ecs.instance_count_steps values (old.account_id, old.region_id, old.status, old.zone_id,
          old.vpc_id, old.vswitch_id, old.instance_type, old.image_id, old.key_pair_name, old.resource_group_id,
          old.http_endpoint, old.http_tokens, old.http_hop_limit, -1);
      end if;
      if tg_op = 'UPDATE' and new.deleted_at is null then
        insert into ecs.instance_count_steps values (new.account_id, new.region_id, new.status, new.zone_id,
          new.vpc_id, new.vswitch_id, new.instance_type, new.image_id, new.key_pair_name, new.resource_group_id,
          new.http_endpoint, new.http_tokens, new.http_hop_limit, 1);
      end if;
      return null;
    end
    $body$;
    create trigger count_new after insert on ecs.instances referencing new table as made
      for each statement execute function ecs.count_new_instances();
    create trigger count_changed after update on ecs.instances for each row
      when ((old.deleted_at is null, old.status, old.zone_id, old.vpc_id, old.vswitch_id, old.instance_type,
          old.image_id, old.key_pair_name, old.resource_group_id, old.http_endpoint, old.http_tokens,
          old.http_hop_limit)
        is distinct from (new.deleted_at is null, new.status, new.zone_id, new.vpc_id, new.vswitch_id,
          new.instance_type, new.image_id, new.key_pair_name, new.resource_group_id, new.http_endpoint,
          new.http_tokens, new.http_hop_limit))
      execute function ecs.count_changed_instance();
    create trigger count_removed after delete on ecs.instances for each row
      when (old.deleted_at is null) execute function ecs.count_changed_instance();
    create index instances_by_status on ecs.instances (account_id, region_id, status, created_at desc, id desc)
      where deleted_at is null;
    create index instances_by_zone on ecs.instances (account_id, region_id, zone_id, created_at desc, id desc)
      where deleted_at is null;
    create index instances_by_vpc on ecs.instances (account_id, region_id, vpc_id, created_at desc, id desc)
      where deleted_at is null;
    create index instances_by_vswitch on ecs.instances (account_id, region_id, vswitch_id, created_at desc, id desc)
      where deleted_at is null;
    create index instances_by_type on ecs.instances (account_id, region_id, instance_type, created_at desc, id desc)
      where deleted_at is null;
    create index instances_by_image on ecs.instances (account_id, region_id, image_id, created_at desc, id desc)
      where deleted_at is null;
    create index instances_by_group on ecs.instances
      (account_id, region_id, resource_group_id, created_at desc, id desc) where deleted_at is null;
    create index instances_by_name on ecs.instances (account_id, region_id, name text_pattern_ops)
      where deleted_at is null;
    drop index ecs.instances_by_key_pair;
    create index instances_by_key_pair on ecs.instances
      (account_id, region_id, key_pair_name, created_at desc, id desc)
      where key_pair_name is not null and deleted_at is null;
  `,
}
