/**
 * Errors that a customer sees. A catalogue maps the vendor's code to its HTTP status and message; handlers throw
 * `apiError(errors.X, { name: value })`, and only the gateway knows JSON from XML.
 */

import { englishOf, type Facts, type Text } from './messages/text.ts'

export interface ErrorKind {
  readonly code: string
  readonly httpStatus: number
  /** English; may hold `{name}` places. */
  readonly message: string
}

/** Why authorization refused, as the vendor's `AccessDeniedDetail`. */
export interface AccessDeniedDetail {
  AuthAction: string
  AuthPrincipalType: string
  AuthPrincipalOwnerId: string
  AuthPrincipalDisplayName: string
  NoPermissionType: 'ImplicitDeny' | 'ExplicitDeny'
  PolicyType: string
  EncodedDiagnosticMessage?: string
}

/** Its `message` is English, for logs; `text` is what is said to the customer, in their language. */
export class ApiError extends Error {
  readonly code: string
  readonly httpStatus: number
  readonly text: Text
  readonly accessDenied: AccessDeniedDetail | undefined
  constructor(kind: ErrorKind, facts: Facts, options: { cause?: unknown; accessDenied?: AccessDeniedDetail } = {}) {
    const text = { template: kind.message, facts }
    super(englishOf(text), options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'ApiError'
    this.text = text
    this.code = kind.code
    this.httpStatus = kind.httpStatus
    this.accessDenied = options.accessDenied
  }
}

/** Declares a catalogue: each entry is `[httpStatus, message]`, its key the vendor's code. */
export function errorCatalogue<const T extends Record<string, readonly [number, string]>>(
  entries: T,
): { readonly [Code in keyof T]: ErrorKind } {
  const out: Record<string, ErrorKind> = {}
  for (const [code, [httpStatus, message]] of Object.entries(entries)) out[code] = { code, httpStatus, message }
  return out as { readonly [Code in keyof T]: ErrorKind }
}

/** Fills the places of `kind.message` with `facts`. `cause` goes to the log, never to the customer. */
export function apiError(
  kind: ErrorKind,
  facts: Facts = {},
  options: { cause?: unknown; accessDenied?: AccessDeniedDetail } = {},
): ApiError {
  return new ApiError(kind, facts, options)
}

/** For a `switch` over a union: reaching it is a bug. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value ${JSON.stringify(value)}`)
}

/** Codes that every product shares. @see docs/sources.md#errors */
export const commonErrors = errorCatalogue({
  MissingParameter: [
    400,
    'The input parameter "{parameter}" that is mandatory for processing this request is not supplied.',
  ],
  InvalidParameter: [400, 'The specified parameter "{parameter}" is not valid: {reason}'],
  InvalidRegionId: [400, 'The specified parameter "RegionId" is not valid: {reason}'],
  'InvalidRegionId.NotFound': [
    404,
    'The region "{regionId}" does not exist, or this installation does not serve it. Served: {served}.',
  ],
  'Throttling.User': [400, 'Request was denied due to user flow control.'],
  InternalError: [
    500,
    'The request processing has failed due to some unknown error. Quote RequestId {requestId} to the operator.',
  ],
  ServiceUnavailable: [503, 'The request has failed due to a temporary failure of the server. Retry later.'],
  DryRunOperation: [400, 'Request validation has been passed with DryRun flag set.'],
  IdempotentParameterMismatch: [
    400,
    'The specified ClientToken was used with different parameters by an earlier {action} request.',
  ],
  'Api.NotImplemented': [
    501,
    '{product} {version} {action} is part of the API but this cloud does not implement it yet. See docs/parity.md for what is implemented.',
  ],
  Forbidden: [403, 'User not authorized to operate on the specified resource.'],
})
