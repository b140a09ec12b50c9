/** Rows as the API writes them. */
import { isoSeconds } from '@pileus/kernel/clock'
import type { OidcProviderRow, SamlProviderRow } from './tables/providers.ts'

export function describeOidcProvider(row: OidcProviderRow) {
  return {
    Arn: `acs:ram::${row.account_id}:oidc-provider/${row.name}`,
    OIDCProviderName: row.name,
    IssuerUrl: row.issuer_url,
    ClientIds: row.client_ids.join(','),
    Fingerprints: row.fingerprints.join(','),
    IssuanceLimitTime: row.issuance_limit_hours,
    Description: row.description,
    CreateDate: isoSeconds(row.created_at),
    UpdateDate: isoSeconds(row.updated_at),
    GmtCreate: String(row.created_at.getTime()),
    GmtModified: String(row.updated_at.getTime()),
  }
}

/** Without the metadata, as lists give providers. */
export function describeSamlProvider(row: SamlProviderRow) {
  return {
    Arn: `acs:ram::${row.account_id}:saml-provider/${row.name}`,
    SAMLProviderName: row.name,
    Description: row.description,
    CreateDate: isoSeconds(row.created_at),
    UpdateDate: isoSeconds(row.updated_at),
  }
}
