import * as contract from '@pileus/contract/generated/ims'
import { describeOidcProvider } from '../answers.ts'
import { parseFingerprint } from '../domain/parameters.ts'
import { write } from '../operation.ts'
import { changeOidcProvider } from '../providers.ts'

/** Takes a certificate of the issuer no more. */
export const RemoveFingerprintFromOIDCProvider = write(contract.RemoveFingerprintFromOIDCProvider, {
  permission: 'ims:RemoveFingerprintFromOIDCProvider',
  resources: (request) => [`oidc-provider/${request.OIDCProviderName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const row = await changeOidcProvider(ctx, request.OIDCProviderName, ({ fingerprints }) => {
      const print = parseFingerprint(request.Fingerprint)
      return { fingerprints: fingerprints.filter((one) => one !== print) }
    })
    return { OIDCProvider: describeOidcProvider(row) }
  },
})
