import { errorCatalogue } from '@pileus/kernel/errors'

/** What trails refuse. @see docs/sources.md#actiontrail */
export const errors = errorCatalogue({
  InvalidTrailNameException: [
    400,
    'The specified parameter "Name" is not valid: a trail has 6 to 36 lowercase letters, digits, "-" and "_", and begins with a letter.',
  ],
  InvalidPrefixException: [
    400,
    'The specified parameter "OssKeyPrefix" is not valid: it has 6 to 32 letters, digits, "-", "_" and "/", and begins with a letter.',
  ],
  TrailAlreadyExistsException: [
    400,
    'The account already has a trail named "{name}" in this region; choose another name.',
  ],
  TrailNotFoundException: [
    404,
    'The account has no trail named "{name}" in this region. DescribeTrails lists the trails.',
  ],
  MaximumNumberOfTrailsExceededException: [
    400,
    'The account has {limit} trails in this region already, and may not have more. Delete one first.',
  ],
  BucketDoesNotExistException: [
    404,
    'The account has no bucket named "{bucket}". Give OssBucketName a bucket of the account that owns the trail.',
  ],
  UnsupportedDestination: [
    400,
    'The specified parameter "{parameter}" is not supported: this cloud delivers trails to object storage. Give OssBucketName.',
  ],
  InvalidQueryParameter: [400, 'The specified parameter "{parameter}" is not valid: {reason}'],
  DataEventSelectorNotFound: [404, 'The trail "{name}" has no data event selector; PutDataEventSelector makes one.'],
})
