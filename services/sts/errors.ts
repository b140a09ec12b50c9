import { errorCatalogue } from '@pileus/kernel/errors'

/** What STS refuses. @see docs/sources.md#errors */
export const stsErrors = errorCatalogue({
  'InvalidParameter.RoleArn': [
    400,
    'The parameter "RoleArn" must be acs:ram::<account>:role/<role name>, and is "{value}".',
  ],
  'InvalidParameter.RoleSessionName': [
    400,
    'The parameter "RoleSessionName" must have 2 to 64 letters, digits, periods, at signs, hyphens or underscores.',
  ],
  'InvalidParameter.DurationSeconds': [
    400,
    'The parameter "DurationSeconds" must be {min} to {max} for this role, and is {value}.',
  ],
  'InvalidParameter.ExternalId': [
    400,
    'The parameter "ExternalId" must have 2 to 1224 letters, digits or characters of =,.@:/-_+.',
  ],
  'InvalidParameter.PolicyGrammar': [400, 'The parameter "Policy" is not a valid policy: {reason}'],
  'InvalidParameter.PolicySize': [400, 'The parameter "Policy" may have {limit} characters, and has {length}.'],
  'EntityNotExist.Role': [404, 'The role "{roleArn}" does not exist.'],
  NoPermission: [403, '{reason}'],
  'InvalidParameter.OIDCProviderArn': [
    400,
    'The parameter "OIDCProviderArn" must be acs:ram::<account>:oidc-provider/<name>, and is "{value}".',
  ],
  'InvalidParameter.SAMLProviderArn': [
    400,
    'The parameter "SAMLProviderArn" must be acs:ram::<account>:saml-provider/<name>, and is "{value}".',
  ],
  'AuthenticationFail.NoPermission': [
    403,
    'The role "{roleArn}" does not exist, or its trust policy does not let {providerArn} vouch for this caller.',
  ],
  'AuthenticationFail.OIDCToken.Expired': [400, 'The OIDC token is past its time; get another from its issuer.'],
  'AuthenticationFail.OIDCToken.Invalid': [400, 'The OIDC token is not valid: {reason}'],
  'AuthenticationFail.OIDCProvider.Unreachable': [400, 'The keys of the OIDC issuer cannot be had: {reason}'],
  'AuthenticationFail.SAMLAssertion.Expired': [400, 'The SAML assertion is past its time; sign in again.'],
  'AuthenticationFail.SAMLAssertion.Invalid': [400, 'The SAML assertion is not valid: {reason}'],
})
