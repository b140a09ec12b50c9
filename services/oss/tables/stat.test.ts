/** Counters against counting. */
import { silentLog } from '@pileus/kernel/log'
import { openStore, type Store } from '@pileus/kernel/store/store'
import { createTestDatabase, type TestDatabase } from '@pileus/testkit/test-database'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newVersionId } from '../domain/version-id.ts'
import { createStatReconciler } from '../reconcilers/stat.ts'
import { insertBucket, setVersioning } from './buckets.ts'
import { applyLifecycle } from './lifecycle.ts'
import { deleteObject, deleteVersion, findObject, putObject } from './objects.ts'
import { readBucketStat } from './stat.ts'

let database: TestDatabase
let store: Store
beforeAll(async () => {
  database = await createTestDatabase('migrated')
  store = openStore({ connection: { connectionString: database.url }, maxConnections: 4, log: silentLog })
})
afterAll(async () => {
  await store?.close()
  await database?.drop()
})

async function count(bucketId: number) {
  const { rows } = await store.pool.query(
    `select storage_class, sum(bytes)::float8 as bytes, count(*) filter (where not is_marker) as objects,
       count(*) filter (where is_marker) as markers
     from (select storage_class, bytes, false as is_marker from oss.objects where bucket_id = $1
       union all select storage_class, bytes, is_marker from oss.versions where bucket_id = $1) held group by 1`,
    [bucketId],
  )
  const byClass = rows.map((row) => [row.storage_class, { bytes: row.bytes, objects: row.objects }])
  return { byClass: Object.fromEntries(byClass), markers: rows.reduce((sum, row) => sum + row.markers, 0) }
}

const key = fc.constantFrom('a', 'b', 'c')
const step = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), key, bytes: fc.nat(100), isCold: fc.boolean() }),
  fc.record({ kind: fc.constant('delete' as const), key }),
  fc.record({ kind: fc.constant('deleteVersion' as const), key }),
  fc.record({ kind: fc.constant('transition' as const), key }),
  fc.record({ kind: fc.constant('versioning' as const), key, status: fc.constantFrom('Enabled', 'Suspended') }),
  fc.record({ kind: fc.constant('fold' as const), key }),
)

test('counters say what counting says, whatever happened and whatever is folded', { timeout: 60_000 }, async () => {
  let bucketNumber = 0
  const fold = createStatReconciler({ store }).pass
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 20 }), async (steps) => {
      bucketNumber += 1
      const at = new Date(0)
      const told = { acl: 'private', storageClass: 'Standard', redundancy: 'LRS', settings: {} } as const
      const name = `stat-${bucketNumber}`
      const { bucketId } = (await insertBucket(store.pool, {
        name,
        accountId: '1',
        regionId: 'x',
        createdAt: at,
        ...told,
      }))!
      for (const one of steps) {
        const how = { at, versionId: newVersionId(), forbidOverwrite: false }
        const current = await findObject(store.pool, bucketId, one.key)
        switch (one.kind) {
          case 'put':
            await putObject(
              store.pool,
              bucketId,
              {
                key: one.key,
                bytes: one.bytes,
                storageClass: one.isCold ? 'IA' : 'Standard',
                location: undefined,
                segmentSet: undefined,
                etag: 'E',
                crc64: undefined,
                contentType: 't',
                meta: {},
                tags: [],
                type: 'Normal',
                acl: undefined,
              },
              how,
            )
            break
          case 'delete':
            await deleteObject(store.pool, bucketId, one.key, how)
            break
          case 'deleteVersion':
            await deleteVersion(store.pool, bucketId, one.key, current?.versionId)
            break
          case 'transition':
            if (!current) break
            await applyLifecycle(
              store.pool,
              bucketId,
              one.key,
              { kind: 'transition', versionSeq: current.versionSeq, storageClass: 'Archive' },
              how,
            )
            break
          case 'versioning':
            await setVersioning(store.pool, bucketId, one.status as 'Enabled' | 'Suspended')
            break
          case 'fold':
            await Promise.all([fold(), fold()])
        }
      }
      const { byClass, markers } = await readBucketStat(store.pool, bucketId)
      const counted = await count(bucketId)
      const kept = [...byClass].filter(([storageClass, held]) => held.objects > 0 || storageClass in counted.byClass)
      expect({ byClass: Object.fromEntries(kept), markers }).toEqual(counted)
    }),
    { numRuns: 40 },
  )
})
