import * as contract from '@pileus/contract/generated/ims'
import { describeSamlProvider } from '../answers.ts'
import { read } from '../operation.ts'
import { getSamlProvider } from '../providers.ts'

/** A SAML provider by name, with its metadata. */
export const GetSAMLProvider = read(contract.GetSAMLProvider, {
  permission: 'ims:GetSAMLProvider',
  resources: (request) => [`saml-provider/${request.SAMLProviderName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const row = await getSamlProvider(ctx, request.SAMLProviderName)
    const encoded = Buffer.from(row.metadata).toString('base64')
    return { SAMLProvider: { ...describeSamlProvider(row), EncodedSAMLMetadataDocument: encoded } }
  },
})
