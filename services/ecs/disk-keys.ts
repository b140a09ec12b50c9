/** Keys of encrypted disks: each disk has its own, which KMS wraps under the customer's key or the account's. */
import { isoSeconds } from '@pileus/kernel/clock'
import { ApiError, apiError } from '@pileus/kernel/errors'
import type { DesiredDisk } from '@pileus/kernel/fabric/machines'
import type { AccountId } from '@pileus/kernel/ids'
import type { Log } from '@pileus/kernel/log'
import type { KeyPlace, KmsPort } from '@pileus/kms/port'
import type { PlannedDisk } from './domain/plan-instances.ts'
import { errors } from './errors.ts'
import type { EcsContext } from './operation.ts'
import type { DiskRow } from './tables/schema.ts'

/** The columns of a disk that hold its key. */
export type DiskKey = Pick<DiskRow, 'kms_key_id' | 'wrapped_key'>

/**
 * What the disk's row keeps of a new key. A key that the caller names the caller must be allowed to use; afterwards the
 * platform opens the disk for whoever may start its machine.
 * @see docs/sources.md#ecs
 * @throws InvalidParameter.KMSKeyId.*
 */
export async function createDiskKey(
  ctx: EcsContext,
  diskId: string,
  disk: Pick<PlannedDisk, 'encryption'>,
): Promise<DiskKey> {
  if (!disk.encryption) return { kms_key_id: null, wrapped_key: null }
  const place = { accountId: ctx.accountId, regionId: ctx.regionId }
  try {
    const keyId = disk.encryption.keyId ?? (await ctx.kms.ensureServiceKey(place, 'ecs', ctx.db))
    const key = await ctx.kms.createDataKey(place, keyId, contextOf(diskId), ctx.db)
    key.plaintext.fill(0)
    if (disk.encryption.keyId !== undefined) await requireKeyUse(ctx, key.keyId)
    return { kms_key_id: key.keyId, wrapped_key: key.wrapped }
  } catch (cause) {
    throw explain(cause)
  }
}

async function requireKeyUse(ctx: EcsContext, keyId: string): Promise<void> {
  const { principal } = ctx
  const action = 'kms:GenerateDataKey'
  const resource = `acs:kms:${ctx.regionId}:${ctx.accountId}:key/${keyId}`
  const conditions = {
    'acs:SourceIp': ctx.sourceIp,
    'acs:SecureTransport': String(ctx.secureTransport),
    'acs:CurrentTime': isoSeconds(ctx.clock.now()),
  }
  const decision = await ctx.authorizer.authorize({ principal, action, resources: [resource], conditions })
  if (decision.kind === 'allowed') return
  const facts = { action, resource }
  throw apiError(errors['InvalidParameter.KMSKeyId.KMSUnauthorized'], facts, { accessDenied: decision.detail })
}

/** Before a start: the host would have to refuse it. @throws InvalidParameter.KMSKeyId.* */
export async function assertDisksOpen(kms: KmsPort, disks: readonly DiskRow[]): Promise<void> {
  for (const disk of disks) {
    try {
      const key = await unwrap(kms, disk)
      key?.fill(0)
    } catch (cause) {
      throw explain(cause)
    }
  }
}

/** Adds what the host needs to open the disks, or why it cannot. */
export async function withDiskSecrets(
  { kms, log }: { kms: KmsPort; log: Log },
  desired: readonly DesiredDisk[],
  rows: readonly DiskRow[],
): Promise<DesiredDisk[]> {
  const byId = new Map(rows.map((row) => [row.id, row]))
  const one = async (disk: DesiredDisk): Promise<DesiredDisk> => {
    const row = byId.get(disk.id)
    if (!disk.encryption || !row) return disk
    try {
      const key = await unwrap(kms, row)
      if (!key) return disk
      const secret = key.toString('base64')
      key.fill(0)
      return { ...disk, encryption: { ...disk.encryption, secret } }
    } catch (error) {
      log.warn({ err: error, diskId: disk.id }, 'the key of a disk cannot be used')
      const problem = `the key ${disk.encryption.keyId} of disk ${disk.id} cannot be used: ${codeOf(error)}`
      return { ...disk, encryption: { ...disk.encryption, problem } }
    }
  }
  return await Promise.all(desired.map(one))
}

async function unwrap(kms: KmsPort, disk: DiskRow): Promise<Buffer | undefined> {
  if (!disk.wrapped_key) return undefined
  const place: KeyPlace = { accountId: disk.account_id as AccountId, regionId: disk.region_id }
  return await kms.unwrapDataKey(place, disk.wrapped_key, contextOf(disk.id))
}

/** A disk's key opens no other disk. */
function contextOf(diskId: string): Record<string, string> {
  return { 'acs:ecs:disk-id': diskId }
}

function codeOf(error: unknown): string {
  return error instanceof ApiError ? error.code : 'the key management service failed'
}

/** In the codes that ECS has for it. */
function explain(cause: unknown): unknown {
  if (!(cause instanceof ApiError)) return cause
  const facts = { reason: cause.message }
  switch (cause.code) {
    case 'Forbidden.KeyNotFound':
    case 'Forbidden.AliasNotFound':
      return apiError(errors['InvalidParameter.KMSKeyId.CMKNotFound'], facts, { cause })
    case 'Rejected.Disabled':
    case 'Rejected.PendingDeletion':
    case 'Rejected.PendingImport':
      return apiError(errors['InvalidParameter.KMSKeyId.CMKNotEnabled'], facts, { cause })
    case 'UnsupportedOperation':
      return apiError(errors['InvalidParameter.KMSKeyId.CMKNotSupported'], facts, { cause })
    default:
      return cause
  }
}
