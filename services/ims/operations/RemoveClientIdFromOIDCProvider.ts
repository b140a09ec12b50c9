import * as contract from '@pileus/contract/generated/ims'
import { describeOidcProvider } from '../answers.ts'
import { parseClientId } from '../domain/parameters.ts'
import { write } from '../operation.ts'
import { changeOidcProvider } from '../providers.ts'

/** Lets tokens for a client in no more. */
export const RemoveClientIdFromOIDCProvider = write(contract.RemoveClientIdFromOIDCProvider, {
  permission: 'ims:RemoveClientIdFromOIDCProvider',
  resources: (request) => [`oidc-provider/${request.OIDCProviderName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const row = await changeOidcProvider(ctx, request.OIDCProviderName, ({ client_ids }) => {
      const id = parseClientId(request.ClientId)
      return { client_ids: client_ids.filter((one) => one !== id) }
    })
    return { OIDCProvider: describeOidcProvider(row) }
  },
})
