import { silentLog } from '@pileus/kernel/log'
import { migrate } from '@pileus/kernel/store/migrations'
import { openStore, type Store } from '@pileus/kernel/store/store'
import { createTestDatabase, type TestDatabase } from '@pileus/testkit/test-database'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ossMigrations } from '../migrations.ts'
import { insertBucket, setVersioning } from './buckets.ts'
import { deleteObject, putObject } from './objects.ts'
import { listVersions } from './version-listing.ts'

let database: TestDatabase
let store: Store
beforeAll(async () => {
  database = await createTestDatabase()
  store = openStore({ connection: { connectionString: database.url }, maxConnections: 4, log: silentLog })
  await migrate(store, ossMigrations)
})
afterAll(async () => {
  await store?.close()
  await database?.drop()
})

const at = new Date(0)

async function makeBucket(name: string): Promise<number> {
  const facts = { acl: 'private', storageClass: 'Standard', redundancy: 'LRS', settings: {} } as const
  const bucket = await insertBucket(store.pool, { name, accountId: '1', regionId: 'x', createdAt: at, ...facts })
  await setVersioning(store.pool, bucket!.bucketId, 'Enabled')
  return bucket!.bucketId
}

async function put(bucketId: number, key: string, versionId: string): Promise<void> {
  const bytes = { location: 'v.1', segmentSet: undefined, bytes: 1, etag: 'E', crc64: '1' }
  const told = { contentType: 't', meta: {}, type: 'Normal', storageClass: 'Standard', acl: undefined } as const
  await putObject(store.pool, bucketId, { key, tags: [], ...bytes, ...told }, { at, versionId, forbidOverwrite: false })
}

interface Write {
  key: string
  isMarker: boolean
}

const bytewise = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** What all pages together must give, by definition. */
function expected(writes: readonly Write[], prefix: string, delimiter: string): string[] {
  const entries: string[] = []
  for (const key of [...new Set(writes.map((write) => write.key))].sort(bytewise)) {
    if (!key.startsWith(prefix)) continue
    const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
    if (at !== -1) {
      const common = `${key.slice(0, at + delimiter.length)} …`
      if (entries.at(-1) !== common) entries.push(common)
      continue
    }
    const ids = writes.flatMap((write, i) => (write.key === key ? [`v${i}`] : [])).reverse()
    entries.push(...ids.map((id, i) => `${key} ${id} ${i === 0}`))
  }
  return entries
}

test('pages of any size give every version, marker and common prefix once, the newest of a key first', async () => {
  const letter = fc.constantFrom('a', 'b', '/', 'é', '\u{1F600}', '\u{10FFFF}')
  const key = fc.array(letter, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''))
  let n = 0
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(key, { minLength: 1, maxLength: 8 }),
      fc.array(fc.record({ key: fc.nat(7), isMarker: fc.boolean() }), { maxLength: 30 }),
      fc.array(letter, { maxLength: 1 }).map((parts) => parts.join('')),
      fc.oneof(fc.constant(''), fc.constant('/'), fc.constant('a/'), letter),
      fc.integer({ min: 1, max: 5 }),
      async (keys, choices, prefix, delimiter, limit) => {
        const writes = choices.map((choice): Write => ({ ...choice, key: keys[choice.key % keys.length]! }))
        n += 1
        const bucketId = await makeBucket(`versions-${n}`)
        for (const [i, write] of writes.entries()) {
          if (write.isMarker) await deleteObject(store.pool, bucketId, write.key, { at, versionId: `v${i}` })
          else await put(bucketId, write.key, `v${i}`)
        }
        const found: string[] = []
        let marker = { keyMarker: '', versionIdMarker: '' }
        for (;;) {
          const page = await listVersions(store.pool, bucketId, { prefix, delimiter, limit, ...marker })
          expect(page.entries.length).toBeLessThanOrEqual(limit)
          for (const entry of page.entries) {
            if (entry.kind === 'prefix') found.push(`${entry.prefix} …`)
            else found.push(`${entry.object.key} ${entry.object.versionId} ${entry.isLatest}`)
          }
          const last = page.entries.at(-1)
          if (!page.isTruncated || !last || found.length > writes.length) break
          marker =
            last.kind === 'prefix'
              ? { keyMarker: last.prefix, versionIdMarker: '' }
              : { keyMarker: last.object.key, versionIdMarker: last.object.versionId! }
        }
        expect(found).toEqual(expected(writes, prefix, delimiter))
      },
    ),
    { numRuns: 40 },
  )
}, 60_000)
