import { isoSeconds } from '@pileus/kernel/clock'
import { apiError } from '@pileus/kernel/errors'
import { kmsErrors } from './errors.ts'
import type { KmsContext } from './operation.ts'
import type { SecretRow } from './tables/schema.ts'

/**
 * Whoever reads or writes a secret under a key that the customer named must be allowed to use that key too.
 * @see docs/sources.md#kms
 * @throws NoPermission
 */
export async function requireKeyUse(
  ctx: KmsContext,
  secret: Pick<SecretRow, 'account_id' | 'region_id' | 'encryption_key_id'>,
  action: 'kms:Decrypt' | 'kms:GenerateDataKey',
): Promise<void> {
  if (secret.encryption_key_id === null) return
  const resource = `acs:kms:${secret.region_id}:${secret.account_id}:key/${secret.encryption_key_id}`
  const conditions = {
    'acs:SourceIp': ctx.sourceIp,
    'acs:SecureTransport': String(ctx.secureTransport),
    'acs:CurrentTime': isoSeconds(ctx.clock.now()),
  }
  const { principal } = ctx
  const decision = await ctx.authorizer.authorize({ principal, action, resources: [resource], conditions })
  if (decision.kind === 'allowed') return
  throw apiError(kmsErrors.NoPermission, { action, resource }, { accessDenied: decision.detail })
}
