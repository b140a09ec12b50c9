import type { Store } from '@pileus/kernel/store/store'
import type { Bucket, BucketSettings } from '../domain/bucket.ts'

/** A pool, or the client of a transaction. */
export type Queryable = Pick<Store['pool'], 'query'>

interface Row {
  bucket_id: number
  name: string
  account_id: string
  region_id: string
  acl: Bucket['acl']
  storage_class: Bucket['storageClass']
  redundancy: Bucket['redundancy']
  versioning: 'Enabled' | 'Suspended' | null
  settings: BucketSettings
  created_at: Date
  /** Of the account; only where a bucket is looked up by its name. */
  account_blocked?: boolean | null
}

function bucketOf(row: Row): Bucket {
  return {
    bucketId: row.bucket_id,
    name: row.name,
    accountId: row.account_id,
    regionId: row.region_id,
    acl: row.acl,
    storageClass: row.storage_class,
    redundancy: row.redundancy,
    versioning: row.versioning ?? undefined,
    settings: row.settings,
    createdAt: row.created_at,
    isAccountClosed: row.account_blocked ?? false,
  }
}

export async function findBucket(db: Queryable, name: string): Promise<Bucket | undefined> {
  const { rows } = await db.query<Row>({
    name: 'oss.find-bucket',
    text: `select b.*, a.block_public_access as account_blocked
           from oss.buckets b left join oss.accounts a on a.account_id = b.account_id where b.name = $1`,
    values: [name],
  })
  return rows[0] && bucketOf(rows[0])
}

export async function findBucketById(db: Queryable, bucketId: number): Promise<Bucket | undefined> {
  const { rows } = await db.query<Row>('select * from oss.buckets where bucket_id = $1', [bucketId])
  return rows[0] && bucketOf(rows[0])
}

export type NewBucket = Pick<
  Bucket,
  'name' | 'accountId' | 'regionId' | 'acl' | 'storageClass' | 'redundancy' | 'settings' | 'createdAt'
>

/** Undefined when the name is taken. */
export async function insertBucket(db: Queryable, bucket: NewBucket): Promise<Bucket | undefined> {
  const { rows } = await db.query<Row>(
    `insert into oss.buckets (name, account_id, region_id, acl, storage_class, redundancy, settings, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (name) do nothing returning *`,
    [
      bucket.name,
      bucket.accountId,
      bucket.regionId,
      bucket.acl,
      bucket.storageClass,
      bucket.redundancy,
      JSON.stringify(bucket.settings),
      bucket.createdAt,
    ],
  )
  return rows[0] && bucketOf(rows[0])
}

/** How many buckets the account has in the region. */
export async function countBuckets(db: Queryable, accountId: string, regionId: string): Promise<number> {
  const { rows } = await db.query<{ n: number }>(
    'select count(*) as n from oss.buckets where account_id = $1 and region_id = $2',
    [accountId, regionId],
  )
  return rows[0]?.n ?? 0
}

export interface BucketFilter {
  accountId: string
  prefix: string
  /** Names after this one. */
  marker: string
  limit: number
  /** Tags that a bucket must have, with any value where none is given. */
  tags: readonly { key: string; value?: string | undefined }[]
}

export async function listBuckets(db: Queryable, filter: BucketFilter): Promise<Bucket[]> {
  const tags = filter.tags.length > 0 ? JSON.stringify(filter.tags) : null
  const { rows } = await db.query<Row>(
    `select * from oss.buckets where account_id = $1 and name > $2 and starts_with(name, $3)
       and ($4::jsonb is null or settings->'tagging' @> $4::jsonb)
     order by name limit $5`,
    [filter.accountId, filter.marker, filter.prefix, tags, filter.limit],
  )
  return rows.map(bucketOf)
}

/** Removes the bucket unless something is in it; says what. Waits for writers and keeps them out. */
export async function deleteBucket(db: Queryable, bucketId: number): Promise<string | undefined> {
  await db.query('select pg_advisory_xact_lock(711, $1::int)', [bucketId])
  const { rows } = await db.query<{ what: string }>(
    `select * from (
       (select 'objects' as what from oss.objects where bucket_id = $1 limit 1) union all
       (select 'versions' from oss.versions where bucket_id = $1 limit 1) union all
       (select 'multipart uploads' from oss.uploads where bucket_id = $1 limit 1)) as held limit 1`,
    [bucketId],
  )
  if (rows[0]) return rows[0].what
  await db.query('delete from oss.buckets where bucket_id = $1', [bucketId])
  return undefined
}

export async function setBucketAcl(db: Queryable, bucketId: number, acl: Bucket['acl']): Promise<void> {
  await db.query('update oss.buckets set acl = $2 where bucket_id = $1', [bucketId, acl])
}

/** Keeps writers out while it changes, so that none works by the old one afterwards. */
export async function setVersioning(db: Queryable, bucketId: number, status: 'Enabled' | 'Suspended'): Promise<void> {
  await db.query('select pg_advisory_xact_lock(711, $1::int)', [bucketId])
  await db.query('update oss.buckets set versioning = $2 where bucket_id = $1', [bucketId, status])
}

/** Sets the document of one sub-resource, or removes it. */
export async function setBucketSetting<Name extends keyof BucketSettings>(
  db: Queryable,
  bucketId: number,
  name: Name,
  value: BucketSettings[Name] | undefined,
): Promise<void> {
  if (value === undefined) {
    await db.query('update oss.buckets set settings = settings - $2 where bucket_id = $1', [bucketId, name])
    return
  }
  await db.query(
    'update oss.buckets set settings = jsonb_set(settings, array[$2::text], $3::jsonb) where bucket_id = $1',
    [bucketId, name, JSON.stringify(value)],
  )
}

/** The document of one sub-resource, held until the transaction ends. */
export async function lockBucketSetting<Name extends keyof BucketSettings>(
  db: Queryable,
  bucketId: number,
  name: Name,
): Promise<BucketSettings[Name] | undefined> {
  const { rows } = await db.query<{ value: BucketSettings[Name] | null }>(
    'select settings->$2 as value from oss.buckets where bucket_id = $1 for update',
    [bucketId, name],
  )
  return rows[0]?.value ?? undefined
}
