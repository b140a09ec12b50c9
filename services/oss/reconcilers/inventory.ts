/**
 * Writes the lists of objects that inventories ask for: gzipped CSV files of a bounded number of lines, then a manifest
 * that names them. Files are named by the day, so that a list that was cut off is written over by the next try.
 *
 * They are written in the name of the inventory's role, which is asked each time. That a list could not be written is
 * told in the account's own trail.
 */
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Clock } from '@pileus/kernel/clock'
import { ApiError } from '@pileus/kernel/errors'
import type { AccountId } from '@pileus/kernel/ids'
import type { Log } from '@pileus/kernel/log'
import { englishOf } from '@pileus/kernel/messages/text'
import type { AuditSink, Principal } from '@pileus/kernel/ports'
import type { Reconciler } from '@pileus/kernel/reconcile'
import type { Store } from '@pileus/kernel/store/store'
import type { Bucket } from '../domain/bucket.ts'
import {
  type Inventory,
  inventoryLine,
  inventorySchema,
  isInventoryDue,
  isListed,
  roleNameOf,
} from '../domain/inventory.ts'
import type { OssPort } from '../port.ts'
import type { ServiceRoles } from '../service-roles.ts'
import { findBucketById } from '../tables/buckets.ts'
import { listAllInventories, saveInventoryRun } from '../tables/inventories.ts'
import { walkKeys } from '../tables/lifecycle.ts'

interface Parts {
  store: Store
  clock: Clock
  port: Pick<OssPort, 'putObject'>
  roles: ServiceRoles
  audit: Pick<AuditSink, 'recordEvent'>
  log: Log
}

const compress = promisify(gzip)
const linesOfAFile = 100_000

export function createInventoryReconciler(parts: Parts): Reconciler {
  const { store, clock, log } = parts
  return {
    name: 'oss.inventory',
    everyMs: 60_000,
    wakeOn: [],
    async pass() {
      const now = clock.now()
      for (const { bucketId, inventory, lastRunAt } of await listAllInventories(store.pool)) {
        if (!isInventoryDue(inventory, lastRunAt, now)) continue
        const bucket = await findBucketById(store.pool, bucketId)
        if (!bucket) continue
        const problem = await write(parts, bucket, inventory, now)
        if (problem !== undefined) {
          // The next day may be better.
          log.warn({ problem, bucket: bucket.name, inventory: inventory.id }, 'an inventory was not written')
          await tell(parts, bucket, inventory, problem)
        }
        await saveInventoryRun(store.pool, bucketId, inventory.id, now)
      }
    },
  }
}

/** Answers what stands in the way: the role and the target are the customer's, and may be gone or refuse. */
async function write(parts: Parts, bucket: Bucket, inventory: Inventory, now: Date): Promise<string | undefined> {
  const opened = await parts.roles.open(bucket.accountId, roleNameOf(inventory), 'oss.inventory')
  if (opened.kind === 'closed') return englishOf(opened.reason)
  try {
    await writeList(parts, bucket, { ...inventory, writer: opened.principal }, now)
    return undefined
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return error.message
  }
}

async function tell({ audit }: Parts, bucket: Bucket, inventory: Inventory, problem: string): Promise<void> {
  await audit.recordEvent({
    actor: { kind: 'platform', name: 'oss.inventory' },
    action: 'oss:WriteInventory',
    kind: 'write',
    regionId: bucket.regionId,
    accountId: bucket.accountId as AccountId,
    outcome: { kind: 'failure', errorCode: 'AccessDenied', errorMessage: problem },
    resources: [`acs:oss:${bucket.regionId}:${bucket.accountId}:${bucket.name}`],
    details: { inventoryId: inventory.id, targetBucket: inventory.targetBucket, roleArn: inventory.roleArn },
  })
}

type WrittenInventory = Inventory & { writer: Principal }

async function writeList(parts: Parts, bucket: Bucket, inventory: WrittenInventory, now: Date): Promise<void> {
  const stamp = `${now.toISOString().slice(0, 16).replace(':', '-')}Z`
  const prefix = inventory.targetPrefix === '' ? '' : `${inventory.targetPrefix.replace(/\/$/, '')}/`
  const folder = `${prefix}${bucket.name}/${inventory.id}`
  const name = createHash('sha256')
    .update(`${folder} ${stamp.slice(0, 10)}`)
    .digest('hex')
    .slice(0, 32)
  const uuid = name.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  const files: { MD5checksum: string; key: string; size: number }[] = []
  let lines: string[] = []
  const writeFile = async (): Promise<void> => {
    const bytes = await compress(lines.join(''))
    lines = []
    const key = `${folder}/data/${uuid}${files.length === 0 ? '' : `-${files.length}`}.csv.gz`
    await put(parts, bucket, inventory, key, bytes, 'application/gzip')
    files.push({ MD5checksum: md5(bytes), key, size: bytes.length })
  }
  for await (const { versions } of walkKeys(parts.store.pool, bucket, '')) {
    for (const [index, version] of versions.entries()) {
      if (!isListed(inventory, version, index === 0)) continue
      lines.push(inventoryLine(inventory, bucket, version, index === 0))
    }
    if (lines.length >= linesOfAFile) await writeFile()
  }
  if (lines.length > 0 || files.length === 0) await writeFile()
  const manifest = Buffer.from(
    JSON.stringify({
      creationTimestamp: String(Math.floor(now.getTime() / 1000)),
      destinationBucket: inventory.targetBucket,
      fileFormat: 'CSV',
      fileSchema: inventorySchema(inventory).join(', '),
      files,
      sourceBucket: bucket.name,
      version: '2019-09-01',
    }),
  )
  await put(parts, bucket, inventory, `${folder}/${stamp}/manifest.json`, manifest, 'application/json')
  const checksum = Buffer.from(md5(manifest))
  await put(parts, bucket, inventory, `${folder}/${stamp}/manifest.checksum`, checksum, 'text/plain')
}

async function put(
  { port }: Parts,
  { accountId }: Bucket,
  { targetBucket, encryption, writer }: WrittenInventory,
  key: string,
  bytes: Buffer,
  contentType: string,
): Promise<void> {
  const headers: Record<string, string> = {}
  if (encryption) headers['x-oss-server-side-encryption'] = encryption.kind === 'SSE-OSS' ? 'AES256' : 'KMS'
  if (encryption?.kind === 'SSE-KMS') headers['x-oss-server-side-encryption-key-id'] = encryption.keyId
  const target = { accountId: accountId as AccountId, bucket: targetBucket, key }
  await port.putObject({ ...target, bytes, contentType, headers, writer })
}

/** Upper-case hex. */
function md5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex').toUpperCase()
}
