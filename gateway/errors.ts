import { errorCatalogue } from '@pileus/kernel/errors'

/** What the gateway itself refuses. @see docs/sources.md#errors */
export const gatewayErrors = errorCatalogue({
  'InvalidAction.NotFound': [
    404,
    'The {product} {version} API has no action "{action}". Check the spelling and the version.',
  ],
  InvalidVersion: [
    400,
    'The specified parameter "Version" is not valid: no product of this cloud has version "{version}".',
  ],
  'InvalidApi.NotFound': [
    404,
    'No API answers {method} {path}: name an Action and a Version, or use an official client.',
  ],
  UnsupportedHTTPMethod: [403, 'This API does not support the HTTP method {method}; use GET or POST.'],
  MissingAccessKeyId: [
    400,
    "The parameter AccessKeyId is needed for this action. Run `./pileus env` to see this cloud's keys.",
  ],
  'InvalidAccessKeyId.NotFound': [404, 'The access key "{accessKeyId}" does not exist in this cloud.'],
  'InvalidAccessKeyId.Inactive': [400, 'The access key "{accessKeyId}" is disabled.'],
  SignatureDoesNotMatch: [
    400,
    'The signature does not match what this server computed. Check the access key secret. server string to sign is:{stringToSign}',
  ],
  IncompleteSignature: [400, 'The request signature is incomplete: {reason}'],
  InvalidSignatureMethod: [400, 'The signature method "{method}" is not supported; this cloud accepts {accepted}.'],
  SignatureNonceUsed: [400, 'The signature nonce was used before. Every request needs a fresh one.'],
  'InvalidTimeStamp.Format': [400, 'The timestamp "{timestamp}" is not well formed; expected {expected}.'],
  'InvalidTimeStamp.Expired': [
    400,
    'The timestamp "{timestamp}" is more than 15 minutes from this server\'s time, {now}. Check the clock of the client.',
  ],
  MissingSecurityToken: [400, 'The access key "{accessKeyId}" is temporary, and needs its SecurityToken.'],
  'InvalidSecurityToken.Malformed': [400, 'The security token is not one of this cloud.'],
  'InvalidSecurityToken.MismatchWithAccessKey': [400, 'The security token belongs to another access key.'],
  'InvalidSecurityToken.Expired': [400, 'The security token has expired; assume the role again.'],
  'Forbidden.RAM': [
    403,
    'You are not authorized to do {action} on {resource}. An administrator of the account can attach a policy that allows it.',
  ],
  NoPermission: [
    403,
    'You are not authorized to do {action} on {resource}. An administrator of the account can attach a policy that allows it.',
  ],
  RealNameAuthenticationError: [403, 'The account has not passed real-name authentication. {reason}'],
  'Forbidden.Residency': [403, 'Data may not be placed in {regionId}: {reason}'],
  'InvalidParameter.Duplicate': [400, 'The parameter "{parameter}" is given more than once.'],
  'InvalidParameter.Encoding': [400, 'The {part} is not valid percent-encoded UTF-8.'],
  'InvalidParameter.Character': [400, 'A parameter holds a character that this API does not accept, such as NUL.'],
  'InvalidParameter.Count': [400, 'The request has more than {limit} parameters.'],
  InvalidContentType: [400, 'The content type "{contentType}" is not one that this API reads.'],
  RequestEntityTooLarge: [413, 'The request body is larger than {limit} bytes.'],
  InvalidRequest: [400, 'The HTTP request is not valid: {reason}'],
})
