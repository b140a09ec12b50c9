/** Finds what requests name. Providers of other accounts do not exist here. */
import { apiError } from '@pileus/kernel/errors'
import { requireParameter } from './domain/parameters.ts'
import { imsErrors } from './errors.ts'
import type { ImsContext } from './operation.ts'
import {
  findOidcProvider,
  findSamlProvider,
  type OidcProviderRow,
  type SamlProviderRow,
  updateOidcProvider,
} from './tables/providers.ts'

/** @throws MissingParameter, EntityNotExist.OIDCProvider */
export async function getOidcProvider(
  ctx: ImsContext,
  given: string | undefined,
  lock = false,
): Promise<OidcProviderRow> {
  const name = requireParameter('OIDCProviderName', given)
  const row = await findOidcProvider(ctx.db, ctx.accountId, name, lock)
  if (!row) throw apiError(imsErrors['EntityNotExist.OIDCProvider'], { name })
  return row
}

/** @throws MissingParameter, EntityNotExist.SAMLProvider */
export async function getSamlProvider(
  ctx: ImsContext,
  given: string | undefined,
  lock = false,
): Promise<SamlProviderRow> {
  const name = requireParameter('SAMLProviderName', given)
  const row = await findSamlProvider(ctx.db, ctx.accountId, name, lock)
  if (!row) throw apiError(imsErrors['EntityNotExist.SAMLProvider'], { name })
  return row
}

/** The provider as `change` makes it. */
export async function changeOidcProvider(
  ctx: ImsContext,
  name: string | undefined,
  change: (row: OidcProviderRow) => Partial<OidcProviderRow>,
): Promise<OidcProviderRow> {
  const row = await getOidcProvider(ctx, name, true)
  const changed = { ...row, ...change(row), updated_at: ctx.clock.now() }
  await updateOidcProvider(ctx.db, changed)
  return changed
}
