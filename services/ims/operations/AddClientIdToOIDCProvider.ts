import * as contract from '@pileus/contract/generated/ims'
import { describeOidcProvider } from '../answers.ts'
import { parseClientId, parseClientIds } from '../domain/parameters.ts'
import { write } from '../operation.ts'
import { changeOidcProvider } from '../providers.ts'

/** Lets tokens for one more client in. */
export const AddClientIdToOIDCProvider = write(contract.AddClientIdToOIDCProvider, {
  permission: 'ims:AddClientIdToOIDCProvider',
  resources: (request) => [`oidc-provider/${request.OIDCProviderName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const row = await changeOidcProvider(ctx, request.OIDCProviderName, ({ client_ids }) => {
      return { client_ids: parseClientIds([...client_ids, parseClientId(request.ClientId)].join(',')) }
    })
    return { OIDCProvider: describeOidcProvider(row) }
  },
})
