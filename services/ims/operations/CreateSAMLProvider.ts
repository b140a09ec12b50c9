import * as contract from '@pileus/contract/generated/ims'
import { apiError } from '@pileus/kernel/errors'
import { lockNamed } from '@pileus/kernel/store/store'
import { describeSamlProvider } from '../answers.ts'
import { decodeMetadata, limits, parseDescription, parseProviderName } from '../domain/parameters.ts'
import { readSamlMetadata } from '../domain/saml-metadata.ts'
import { imsErrors } from '../errors.ts'
import { write } from '../operation.ts'
import { countProviders, insertSamlProvider } from '../tables/providers.ts'

/** Makes a provider known by its metadata, whose users may then assume the roles that trust it. */
export const CreateSAMLProvider = write(contract.CreateSAMLProvider, {
  permission: 'ims:CreateSAMLProvider',
  resources: (request) => [`saml-provider/${request.SAMLProviderName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const at = ctx.clock.now()
    const parameter = 'EncodedSAMLMetadataDocument'
    const metadata = decodeMetadata(parameter, request.EncodedSAMLMetadataDocument)
    readSamlMetadata(metadata, parameter)
    const row = {
      account_id: ctx.accountId,
      name: parseProviderName('SAMLProviderName', request.SAMLProviderName),
      metadata,
      description: parseDescription(request.Description),
      created_at: at,
      updated_at: at,
    }
    await lockNamed(ctx.db, `ims.providers.${ctx.accountId}`)
    if ((await countProviders(ctx.db, 'ims.saml_providers', ctx.accountId)) >= limits.providers) {
      throw apiError(imsErrors['LimitExceeded.SAMLProvider'], { limit: limits.providers })
    }
    if (!(await insertSamlProvider(ctx.db, row))) {
      throw apiError(imsErrors['EntityAlreadyExists.SAMLProvider'], { name: row.name })
    }
    return { SAMLProvider: describeSamlProvider(row) }
  },
})
