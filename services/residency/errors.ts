import { commonErrors, errorCatalogue } from '@pileus/kernel/errors'

/** Codes of this cloud's own API; the vendor has none. */
export const residencyErrors = {
  InvalidParameter: commonErrors.InvalidParameter,
  ...errorCatalogue({
    'LimitExceeded.DataClasses': [
      409,
      'An account may declare {limit} data classes. Remove some with UntagDataClasses, or declare a longer part of it at once.',
    ],
    'EntityNotExist.Policy': [404, 'The account has no residency policy: its data may be in every region.'],
  }),
}
