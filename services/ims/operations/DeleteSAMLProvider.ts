import * as contract from '@pileus/contract/generated/ims'
import { apiError } from '@pileus/kernel/errors'
import { requireParameter } from '../domain/parameters.ts'
import { imsErrors } from '../errors.ts'
import { write } from '../operation.ts'
import { deleteProvider } from '../tables/providers.ts'

/** Roles that trust the provider stay, and nobody comes by it any more. */
export const DeleteSAMLProvider = write(contract.DeleteSAMLProvider, {
  permission: 'ims:DeleteSAMLProvider',
  resources: (request) => [`saml-provider/${request.SAMLProviderName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const name = requireParameter('SAMLProviderName', request.SAMLProviderName)
    if (!(await deleteProvider(ctx.db, 'ims.saml_providers', ctx.accountId, name))) {
      throw apiError(imsErrors['EntityNotExist.SAMLProvider'], { name })
    }
    return {}
  },
})
