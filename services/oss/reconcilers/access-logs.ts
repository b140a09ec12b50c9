/**
 * Delivers access logs: once an hour has passed, its lines become objects of the target bucket, written as its owner
 * would write them, or as the role may that the configuration names. An object is named by its first line, so that a delivery that is repeated writes the same object.
 */
import type { Clock } from '@pileus/kernel/clock'
import { ApiError } from '@pileus/kernel/errors'
import type { AccountId } from '@pileus/kernel/ids'
import type { Log } from '@pileus/kernel/log'
import { objectError } from '@pileus/kernel/object-protocol'
import type { Principal } from '@pileus/kernel/ports'
import type { Reconciler } from '@pileus/kernel/reconcile'
import type { Store } from '@pileus/kernel/store/store'
import { logObjectKey } from '../domain/access-log.ts'
import { errors } from '../errors.ts'
import type { OssPort } from '../port.ts'
import type { ServiceRoles } from '../service-roles.ts'
import { listLoggedHours, readAccessLines, removeAccessLines } from '../tables/access-lines.ts'
import { findBucketById } from '../tables/buckets.ts'

interface Parts {
  store: Store
  clock: Clock
  port: Pick<OssPort, 'putObject'>
  roles: ServiceRoles
  log: Log
}

const hourMs = 3_600_000
/** How long after its end an hour waits for the last lines. */
const settleMs = 60_000
/** Lines that nobody takes are kept this long. */
const keepMs = 7 * 24 * hourMs
const linesOfAnObject = 20_000

export function createAccessLogReconciler(parts: Parts): Reconciler {
  const { store, clock, log } = parts
  return {
    name: 'oss.access-logs',
    everyMs: 60_000,
    wakeOn: [],
    async pass() {
      const before = new Date(clock.now().getTime() - hourMs - settleMs + 1)
      for (const one of await listLoggedHours(store.pool, before)) {
        try {
          await deliver(parts, one)
        } catch (error) {
          // Its owner may have deleted or closed the bucket; that must not hold up the others.
          if (!(error instanceof ApiError)) throw error
          log.warn({ err: error, ...one }, 'an access log was not delivered')
          if (one.hour.getTime() < clock.now().getTime() - keepMs) await removeAccessLines(store.pool, one)
        }
      }
    },
  }
}

async function deliver({ store, port, roles }: Parts, one: { bucketId: number; hour: Date }): Promise<void> {
  const bucket = await findBucketById(store.pool, one.bucketId)
  const logging = bucket?.settings.logging
  if (!bucket || !logging) return removeAccessLines(store.pool, one)
  const writer = await findWriter(roles, bucket.accountId, logging.role)
  for (;;) {
    const found = await readAccessLines(store.pool, one, linesOfAnObject)
    if (!found) return
    const suffix = found.firstId.toString(16).toUpperCase().padStart(8, '0')
    const key = logObjectKey(logging.targetPrefix, bucket.name, one.hour, suffix)
    await port
      .putObject({
        accountId: bucket.accountId as AccountId,
        bucket: logging.targetBucket,
        key,
        bytes: Buffer.from(`${found.lines.join('\n')}\n`),
        contentType: 'text/plain',
        ...(writer ? { writer } : {}),
      })
      .catch((error: unknown) => {
        // Kept unchanged by its bucket, so it is there from a delivery that ended before its lines were removed.
        if (!(error instanceof ApiError) || error.code !== 'FileImmutable') throw error
      })
    await removeAccessLines(store.pool, one, found.lastId)
  }
}

/** @throws AccessDenied when the role cannot be used */
async function findWriter(
  roles: ServiceRoles,
  owner: string,
  role: string | undefined,
): Promise<Principal | undefined> {
  if (role === undefined) return undefined
  const opened = await roles.open(owner, role, 'oss.access-logs')
  if (opened.kind === 'closed') throw objectError(errors.AccessDenied, { facts: { reason: opened.reason } })
  return opened.principal
}
