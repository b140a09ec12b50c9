import * as contract from '@pileus/contract/generated/ims'
import { describeOidcProvider } from '../answers.ts'
import { read } from '../operation.ts'
import { getOidcProvider } from '../providers.ts'

/** An OIDC provider by name. */
export const GetOIDCProvider = read(contract.GetOIDCProvider, {
  permission: 'ims:GetOIDCProvider',
  resources: (request) => [`oidc-provider/${request.OIDCProviderName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    return { OIDCProvider: describeOidcProvider(await getOidcProvider(ctx, request.OIDCProviderName)) }
  },
})
