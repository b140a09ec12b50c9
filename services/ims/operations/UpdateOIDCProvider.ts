import * as contract from '@pileus/contract/generated/ims'
import { describeOidcProvider } from '../answers.ts'
import { parseClientIds, parseDescription, parseIssuanceLimit } from '../domain/parameters.ts'
import { write } from '../operation.ts'
import { changeOidcProvider } from '../providers.ts'

/** Changes what is given, and leaves the rest. */
export const UpdateOIDCProvider = write(contract.UpdateOIDCProvider, {
  permission: 'ims:UpdateOIDCProvider',
  resources: (request) => [`oidc-provider/${request.OIDCProviderName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const row = await changeOidcProvider(ctx, request.OIDCProviderName, (before) => ({
      client_ids: request.ClientIds === undefined ? before.client_ids : parseClientIds(request.ClientIds),
      description: request.NewDescription === undefined ? before.description : parseDescription(request.NewDescription),
      issuance_limit_hours:
        request.IssuanceLimitTime === undefined
          ? before.issuance_limit_hours
          : parseIssuanceLimit(request.IssuanceLimitTime),
    }))
    return { OIDCProvider: describeOidcProvider(row) }
  },
})
