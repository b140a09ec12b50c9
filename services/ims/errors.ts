import { errorCatalogue } from '@pileus/kernel/errors'

/** What Ims refuses beside what RAM does. @see docs/sources.md#errors */
export const imsErrors = errorCatalogue({
  'EntityNotExist.User': [404, 'No user of the account has "{value}".'],
  'EntityNotExist.OIDCProvider': [404, 'The OIDC provider "{name}" does not exist.'],
  'EntityNotExist.SAMLProvider': [404, 'The SAML provider "{name}" does not exist.'],
  'EntityAlreadyExists.OIDCProvider': [409, 'The OIDC provider "{name}" exists already.'],
  'EntityAlreadyExists.SAMLProvider': [409, 'The SAML provider "{name}" exists already.'],
  'LimitExceeded.OIDCProvider': [409, 'The account can have {limit} OIDC providers at most.'],
  'LimitExceeded.SAMLProvider': [409, 'The account can have {limit} SAML providers at most.'],
  'InvalidParameter.UserPrincipalName': [
    400,
    'The parameter "UserPrincipalName" must be <user name>@{domain}, and is "{value}".',
  ],
})
