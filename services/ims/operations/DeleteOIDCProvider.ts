import * as contract from '@pileus/contract/generated/ims'
import { apiError } from '@pileus/kernel/errors'
import { requireParameter } from '../domain/parameters.ts'
import { imsErrors } from '../errors.ts'
import { write } from '../operation.ts'
import { deleteProvider } from '../tables/providers.ts'

/** Roles that trust the provider stay, and nobody comes by it any more. */
export const DeleteOIDCProvider = write(contract.DeleteOIDCProvider, {
  permission: 'ims:DeleteOIDCProvider',
  resources: (request) => [`oidc-provider/${request.OIDCProviderName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const name = requireParameter('OIDCProviderName', request.OIDCProviderName)
    if (!(await deleteProvider(ctx.db, 'ims.oidc_providers', ctx.accountId, name))) {
      throw apiError(imsErrors['EntityNotExist.OIDCProvider'], { name })
    }
    return {}
  },
})
