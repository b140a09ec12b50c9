import * as contract from '@pileus/contract/generated/ims'
import { apiError } from '@pileus/kernel/errors'
import { lockNamed } from '@pileus/kernel/store/store'
import { describeOidcProvider } from '../answers.ts'
import {
  limits,
  parseClientIds,
  parseDescription,
  parseFingerprints,
  parseIssuanceLimit,
  parseIssuerUrl,
  parseProviderName,
} from '../domain/parameters.ts'
import { imsErrors } from '../errors.ts'
import { write } from '../operation.ts'
import { countProviders, insertOidcProvider } from '../tables/providers.ts'

/** Makes an issuer of tokens known, whose subjects may then assume the roles that trust it. */
export const CreateOIDCProvider = write(contract.CreateOIDCProvider, {
  permission: 'ims:CreateOIDCProvider',
  resources: (request) => [`oidc-provider/${request.OIDCProviderName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const at = ctx.clock.now()
    const row = {
      account_id: ctx.accountId,
      name: parseProviderName('OIDCProviderName', request.OIDCProviderName),
      issuer_url: parseIssuerUrl(request.IssuerUrl),
      client_ids: parseClientIds(request.ClientIds),
      fingerprints: parseFingerprints(request.Fingerprints),
      issuance_limit_hours: parseIssuanceLimit(request.IssuanceLimitTime),
      description: parseDescription(request.Description),
      created_at: at,
      updated_at: at,
    }
    await lockNamed(ctx.db, `ims.providers.${ctx.accountId}`)
    if ((await countProviders(ctx.db, 'ims.oidc_providers', ctx.accountId)) >= limits.providers) {
      throw apiError(imsErrors['LimitExceeded.OIDCProvider'], { limit: limits.providers })
    }
    if (!(await insertOidcProvider(ctx.db, row))) {
      throw apiError(imsErrors['EntityAlreadyExists.OIDCProvider'], { name: row.name })
    }
    return { OIDCProvider: describeOidcProvider(row) }
  },
})
