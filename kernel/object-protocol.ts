/**
 * What an operation of object storage is. It differs from `operation.ts` in what the wire differs in: bodies are
 * streams, answers have headers, names come from host and path, and who may do what is also asked of the bucket.
 * The gateway owns the protocol (addresses, signatures, XML); the product owns buckets, objects and their access.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { ApiError, type ErrorKind } from './errors.ts'
import type { Facts } from './messages/text.ts'
import type { AuthorizationDecision, Principal } from './ports.ts'

/** An element of a request's XML body. Names are without namespace prefix. */
export interface XmlElement {
  readonly name: string
  readonly text: string
  readonly children: readonly XmlElement[]
}

/** What is addressed: nothing (the service), a bucket, or an object in it. */
export type ObjectLevel = 'service' | 'bucket' | 'object'

/** Whose words the client speaks; the gateway has already turned S3's headers into OSS's. */
export type ObjectDialect = 'oss' | 's3'

export interface ObjectRequest {
  /** 24 upper-case hex digits. */
  readonly requestId: string
  readonly startedAt: Date
  readonly method: string
  readonly dialect: ObjectDialect
  readonly bucket: string | undefined
  /** Decoded; valid UTF-8 without NUL. */
  readonly key: string | undefined
  readonly query: ReadonlyMap<string, string>
  readonly headers: IncomingHttpHeaders
  /** Fields of an upload by form, in lower case; `headers` and `body` then are the form's. */
  readonly form?: ReadonlyMap<string, string>
  /** Region that the host or the signature names, else the installation's default. */
  readonly regionId: string
  /** Host and port by which the caller reached us. */
  readonly endpoint: string
  readonly sourceIp: string
  readonly secureTransport: boolean
  /** Such as `TLSv1.3`; undefined without TLS. */
  readonly tlsVersion: string | undefined
  /** Size that the body will have, without transfer framing; undefined when the client does not say. */
  readonly contentBytes: number | undefined
  /** The body without transfer framing. Reading it fails when framing or its signatures are wrong. */
  readonly body: AsyncIterable<Uint8Array>
  /** Aborted when the client goes away. Made when it is asked for: most requests end without, and one is not cheap. */
  abortSignal(): AbortSignal
  /** @throws EntityTooLarge when the body has more than `limitBytes`. */
  readBody(limitBytes: number): Promise<Buffer>
  /** @throws MalformedXML, EntityTooLarge */
  readXml(rootName: string): Promise<XmlElement>
  /** As `readXml`; undefined when there is no body. */
  findXml(rootName: string): Promise<XmlElement | undefined>
}

export interface ObjectAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?:
    | { readonly kind: 'xml'; readonly root: string; readonly value: object }
    | { readonly kind: 'text'; readonly text: string; readonly contentType: string }
    /** `headers` must hold content-length. */
    | { readonly kind: 'bytes'; readonly bytes: Buffer | AsyncIterable<Buffer> }
}

/** Which requests an operation answers: method, what is addressed, and the sub-resources in the query. */
export interface ObjectRoute {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE' | 'OPTIONS'
  readonly level: ObjectLevel
  /** Query keys that must all be there, with this value when one is given after `=`. */
  readonly subresources?: readonly string[]
  /** Means this operation too, in the place of `subresources`. */
  readonly alternative?: readonly string[]
  /** Query keys that choose an operation elsewhere, and may be there or not. */
  readonly optional?: readonly string[]
  /** Answers uploads by HTML forms, and only those. */
  readonly form?: true
  /** A header that must be there too. */
  readonly header?: string
}

export interface ObjectOperation {
  readonly name: string
  readonly route: ObjectRoute
  /** What RAM and bucket policies name; `everybody` for what needs no permission. */
  readonly permission: string | 'everybody'
  /** What the answer's bucket ACL or object ACL may grant to everybody; nothing when absent. */
  readonly acl?: 'read' | 'write'
  /** The bucket that is named need not exist, and is the caller's business alone. */
  readonly createsBucket?: true
  /** Whether it places data in the bucket's region. */
  readonly places: boolean
}

/** What the gateway needs of the product. */
export interface ObjectService {
  readonly operations: readonly ObjectOperation[]
  /** Whose bucket it is and where; undefined when there is none. Answers at once when it is known already. */
  findBucket(name: string): BucketPlace | undefined | Promise<BucketPlace | undefined>
  /** Name of the bucket that a custom domain means; of lower case and without a port. */
  findDomain(host: string): string | undefined
  /** Asks identity policies, the bucket's policy and ACLs, in this order. */
  authorize(question: ObjectQuestion): AuthorizationDecision | Promise<AuthorizationDecision>
  run(operation: ObjectOperation, request: ObjectRequest, principal: Principal): Promise<ObjectAnswer>
  /** Told of every request that named a bucket; `describe` is called only when somebody wants to know. */
  finished(bucket: string, describe: () => FinishedObjectCall): void
  /** What lets a browser's page of another origin read the answer, also when that is an error. */
  findCorsHeaders(
    bucket: string,
    method: string,
    headers: IncomingHttpHeaders,
  ): Record<string, string> | Promise<Record<string, string>>
  /** A file for everybody below `/.well-known/` of the service's own host. */
  findPublicFile(path: string): Promise<{ contentType: string; text: string } | undefined>
}

/** A request that has been answered, as access logs tell it. Sizes in bytes, with headers; durations in milliseconds. */
export interface FinishedObjectCall {
  readonly requestId: string
  readonly startedAt: Date
  readonly method: string
  /** Path and query as they were sent. */
  readonly target: string
  readonly httpVersion: string
  readonly httpStatus: number
  readonly errorCode: string | undefined
  readonly operation: string | undefined
  readonly key: string | undefined
  readonly principal: Principal | undefined
  readonly accessKeyId: string | undefined
  readonly sourceIp: string
  readonly headers: IncomingHttpHeaders
  readonly query: ReadonlyMap<string, string>
  readonly answerHeaders: Readonly<Record<string, string>>
  readonly contentBytes: number | undefined
  readonly sentBytes: number
  readonly receivedBytes: number
  readonly durationMs: number
  /** Until the answer was ready to be sent. */
  readonly serverMs: number
}

export interface BucketPlace {
  readonly accountId: string
  readonly regionId: string
}

export interface ObjectQuestion {
  readonly operation: ObjectOperation
  readonly principal: Principal
  readonly request: ObjectRequest
  /** `acs:oss:<region>:<account>:<bucket>/<key>`. */
  readonly resource: string
  readonly conditions: Readonly<Record<string, string>>
}

/** An error with elements of its own in the body, and headers. */
export class ObjectError extends ApiError {
  readonly details: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  constructor(
    kind: ErrorKind,
    options: {
      facts?: Facts
      details?: Readonly<Record<string, string>>
      headers?: Readonly<Record<string, string>>
      cause?: unknown
    } = {},
  ) {
    super(kind, options.facts ?? {}, options.cause === undefined ? {} : { cause: options.cause })
    this.name = 'ObjectError'
    this.details = options.details ?? {}
    this.headers = options.headers ?? {}
  }
}

/** Throws nothing itself: `throw objectError(errors.NoSuchKey, { details: { Key: key } })`. */
export function objectError(kind: ErrorKind, options: ConstructorParameters<typeof ObjectError>[1] = {}): ObjectError {
  return new ObjectError(kind, options)
}
