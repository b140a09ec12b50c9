/** What AssumeRoleWithOIDC and AssumeRoleWithSAML share: who vouches, for which role. */
import { apiError } from '@pileus/kernel/errors'
import type { AccountId } from '@pileus/kernel/ids'
import { stsErrors } from '../errors.ts'

export interface ProviderRef {
  accountId: AccountId
  name: string
  /** With nothing in the region's place, as trust policies are compared. */
  arn: string
}

/** @throws InvalidParameter.OIDCProviderArn or .SAMLProviderArn */
export function parseProviderArn(kind: 'oidc' | 'saml', value: string | undefined): ProviderRef {
  const [, accountId, name] = /^acs:ram:\*?:(\d{1,20}):(?:oidc|saml)-provider\/([\w.-]{1,128})$/.exec(value ?? '') ?? []
  if (accountId === undefined || name === undefined || !value?.includes(`:${kind}-provider/`)) {
    const error = kind === 'oidc' ? 'InvalidParameter.OIDCProviderArn' : 'InvalidParameter.SAMLProviderArn'
    throw apiError(stsErrors[error], { value: value ?? '' })
  }
  return { accountId: accountId as AccountId, name, arn: `acs:ram::${accountId}:${kind}-provider/${name}` }
}
