import type { Queryable } from './buckets.ts'

export interface Doomed {
  key: string
  /** Undefined deletes the key itself; `null` is the version that the API calls so. */
  versionId: string | undefined
}

export interface Deleted {
  /** `deleted` and `marked` of keys; `object`, `marker` and `none` of versions; `gone` when the bucket is. */
  outcome: 'gone' | 'deleted' | 'marked' | 'none' | 'object' | 'marker'
  /** Of a marker that was made; undefined for the null version. */
  versionId: string | undefined
}

/** Deletes in one statement, all or nothing; answers in the order of `doomed`. `newVersionId` names markers. */
export async function deleteMany(
  db: Queryable,
  bucketId: number,
  doomed: readonly Doomed[],
  how: { at: Date; newVersionId: () => string },
): Promise<Deleted[]> {
  const { rows } = await db.query<{ place: number; outcome: Deleted['outcome']; version_id: string | null }>({
    name: 'oss.delete-many',
    text: 'select * from oss.delete_many($1, $2, $3, $4, $5) order by place',
    values: [
      bucketId,
      doomed.map((one) => one.key),
      doomed.map((one) => one.versionId ?? null),
      how.at,
      doomed.map(() => how.newVersionId()),
    ],
  })
  return rows.map((row) => ({ outcome: row.outcome, versionId: row.version_id ?? undefined }))
}
