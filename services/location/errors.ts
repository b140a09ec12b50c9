import { errorCatalogue } from '@pileus/kernel/errors'

/** What the location service refuses. @see docs/sources.md#errors */
export const locationErrors = errorCatalogue({
  'InvalidServiceCode.NotFound': [404, 'This cloud has no product "{serviceCode}".'],
})
