import * as contract from '@pileus/contract/generated/ims'
import { describeSamlProvider } from '../answers.ts'
import { decodeMetadata, parseDescription } from '../domain/parameters.ts'
import { readSamlMetadata } from '../domain/saml-metadata.ts'
import { write } from '../operation.ts'
import { getSamlProvider } from '../providers.ts'
import { updateSamlProvider } from '../tables/providers.ts'

/** Changes what is given, and leaves the rest. */
export const UpdateSAMLProvider = write(contract.UpdateSAMLProvider, {
  permission: 'ims:UpdateSAMLProvider',
  resources: (request) => [`saml-provider/${request.SAMLProviderName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const before = await getSamlProvider(ctx, request.SAMLProviderName, true)
    const parameter = 'NewEncodedSAMLMetadataDocument'
    const given = request.NewEncodedSAMLMetadataDocument
    const metadata = given === undefined ? before.metadata : decodeMetadata(parameter, given)
    if (given !== undefined) readSamlMetadata(metadata, parameter)
    const description =
      request.NewDescription === undefined
        ? before.description
        : parseDescription(request.NewDescription, 'NewDescription')
    const row = { ...before, metadata, description, updated_at: ctx.clock.now() }
    await updateSamlProvider(ctx.db, row)
    return { SAMLProvider: describeSamlProvider(row) }
  },
})
