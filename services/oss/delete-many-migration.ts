import type { Migration } from '@pileus/kernel/store/migrations'

/** Deletes many keys in one statement. A NULL version deletes the key; `null` is the version that is called so. */
export const deleteManyMigration: Migration = {
  id: 'oss/011-delete-many',
  sql: `
    create function oss.delete_many(
      a_bucket bigint, a_keys text[], a_versions text[], a_at timestamptz, a_new_ids text[])
      returns table (place int, outcome text, version_id text) language plpgsql as $$
    declare
      each record;
    begin
      -- By key, so that two of these cannot wait for each other.
      for each in
        select key, version, new_id, ordinality::int as at
        from unnest(a_keys, a_versions, a_new_ids) with ordinality as wanted (key, version, new_id, ordinality)
        order by key collate "C", ordinality
      loop
        place := each.at;
        if each.version is null then
          select d.outcome, d.version_id into outcome, version_id
            from oss.delete_object(a_bucket, each.key, a_at, each.new_id) d;
        else
          outcome := oss.delete_version(a_bucket, each.key, nullif(each.version, 'null'));
          version_id := each.version;
        end if;
        return next;
      end loop;
    end $$;
  `,
}
