import * as contract from '@pileus/contract/generated/ims'
import { describeOidcProvider } from '../answers.ts'
import { parseFingerprint, parseFingerprints } from '../domain/parameters.ts'
import { write } from '../operation.ts'
import { changeOidcProvider } from '../providers.ts'

/** Takes one more certificate of the issuer. */
export const AddFingerprintToOIDCProvider = write(contract.AddFingerprintToOIDCProvider, {
  permission: 'ims:AddFingerprintToOIDCProvider',
  resources: (request) => [`oidc-provider/${request.OIDCProviderName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const row = await changeOidcProvider(ctx, request.OIDCProviderName, ({ fingerprints }) => {
      return { fingerprints: parseFingerprints([...fingerprints, parseFingerprint(request.Fingerprint)].join(',')) }
    })
    return { OIDCProvider: describeOidcProvider(row) }
  },
})
