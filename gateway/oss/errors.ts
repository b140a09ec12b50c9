import { errorCatalogue } from '@pileus/kernel/errors'

/** What the protocol of object storage refuses before the product sees it. @see docs/sources.md#oss */
export const ossErrors = errorCatalogue({
  InvalidURI: [400, 'The path of the request is not valid percent-encoded UTF-8.'],
  InvalidObjectName: [400, 'The object name is not valid: {reason}'],
  InvalidBucketName: [400, 'The bucket name "{bucket}" is not valid: 3 to 63 of a-z, 0-9 and -, not - first or last.'],
  InvalidArgument: [400, '{reason}'],
  AccessDenied: [403, '{reason}'],
  InvalidAccessKeyId: [403, 'The access key "{accessKeyId}" does not exist in this cloud, or is disabled.'],
  InvalidSecurityToken: [403, '{reason}'],
  SecurityTokenExpired: [403, 'The security token has expired; assume the role again.'],
  SignatureDoesNotMatch: [
    403,
    'The signature does not match what this server computed. Check the access key secret and the signing method.',
  ],
  RequestTimeTooSkewed: [403, 'The difference between the request time and the current time is too large.'],
  MalformedXML: [400, 'The XML body is not valid: {reason}'],
  EntityTooLarge: [400, 'The body is larger than {limit} bytes.'],
  EntityTooSmall: [400, 'The file is smaller than the {limit} bytes that the policy asks for.'],
  InvalidPolicyDocument: [400, 'The policy of the form is not valid: {reason}'],
  IncorrectNumberOfFilesInPOSTRequest: [400, 'A form uploads exactly one file, in its last field, called file.'],
  IncompleteBody: [400, 'The body has fewer bytes than its headers promise.'],
  MissingContentLength: [411, 'The request must say how long its body is.'],
  MethodNotAllowed: [405, 'The method {method} is not allowed on this resource.'],
  NotImplemented: [501, '{what} is not implemented by this cloud yet. See docs/parity.md for what is.'],
  NoSuchBucket: [404, 'The specified bucket does not exist.'],
  WrongEndpoint: [403, 'The bucket you are attempting to access must be addressed using the endpoint {endpoint}.'],
  BadDigest: [400, 'The body does not have the checksum that {name} says.'],
  InvalidDigest: [400, 'The header Content-MD5 is not the MD5 of the body in base64.'],
  XAmzContentSHA256Mismatch: [400, 'The body is not what the header x-amz-content-sha256 says.'],
  InternalError: [500, 'The request failed for a reason of ours. Quote RequestId {requestId} to the operator.'],
})
