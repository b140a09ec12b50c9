import { errorCatalogue } from '@pileus/kernel/errors'

/** What KMS refuses. @see docs/sources.md#errors */
export const kmsErrors = errorCatalogue({
  InvalidParameter: [400, 'The specified parameter "{parameter}" is not valid: {reason}'],
  UnsupportedOperation: [400, 'This operation is not supported: {reason}'],
  NoPermission: [
    403,
    'You are not authorized to do {action} on {resource}. An administrator of the account can attach a policy that allows it.',
  ],
  'Forbidden.KeyNotFound': [404, 'The specified key "{keyId}" is not found. Check KeyId, the region and the account.'],
  'Forbidden.AliasNotFound': [404, 'The specified alias "{aliasName}" is not found.'],
  'Forbidden.ResourceNotFound': [404, 'The specified {resource} "{name}" is not found.'],
  'Forbidden.ProtectedResource': [403, 'The key "{keyId}" is protected from deletion: {note}'],
  'Rejected.Disabled': [409, 'The key "{keyId}" is disabled; enable it with EnableKey first.'],
  'Rejected.PendingDeletion': [
    409,
    'The {resource} "{name}" is scheduled for deletion; cancel that with {action} first.',
  ],
  'Rejected.PendingImport': [409, 'The key "{keyId}" has no key material; import it with ImportKeyMaterial first.'],
  'Rejected.Unavailable': [409, 'The key "{keyId}" is {state}, which this operation does not accept.'],
  'Rejected.ResourceExist': [409, 'The {resource} "{name}" exists already; choose another name.'],
  'Rejected.LimitExceeded': [409, '{resource}: at most {limit} are allowed.'],
  'Rejected.RegionSealed': [
    503,
    'The root key of the region {regionId} is not available, so keys and secrets there cannot be used. Its operator has to unlock it.',
  ],
})
