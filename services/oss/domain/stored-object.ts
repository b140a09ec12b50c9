import type { Acl, StorageClass, Tag } from './bucket.ts'

export type ObjectType = 'Normal' | 'Multipart' | 'Appendable' | 'Symlink'

/** What the client said about an object and wants back. */
export interface ObjectMeta {
  /** Lower-case names: cache-control, content-disposition, content-encoding, content-language, expires. */
  headers?: Record<string, string>
  /** Without the `x-oss-meta-` prefix. */
  user?: Record<string, string>
  /** Key that a symbolic link points to. */
  symlinkTarget?: string
  /** ISO time since when nothing may be appended. */
  sealedAt?: string
  /** MD5 of the whole, in lower-case hex, where the ETag is another. */
  md5?: string
  /** How its bytes are encrypted at rest; absent when they are not. */
  encryption?: ObjectEncryption
  /** It was copied here by the rules of another bucket. */
  isReplica?: true | undefined
}

export interface ObjectEncryption {
  /** `AES256` and `SM4`: the cloud chose the key. */
  algorithm: 'AES256' | 'SM4' | 'KMS'
  /** What the bytes are encrypted with under a key of KMS; AES-256 when absent. */
  dataEncryption?: 'SM4'
  /** Id of the KMS key, where customers are shown it. */
  keyId?: string
  /** Whether the customer named the key, so that callers need leave to use it. */
  isOwnKey: boolean
  /** Whose key it is, and where. */
  place: { accountId: string; regionId: string }
  /** The object's data key as KMS wrapped it, in Base64. */
  wrapped: string
}

/** One version of an object. */
export interface StoredObject {
  key: string
  versionSeq: number
  /** Undefined for the version that the API calls `null`. */
  versionId: string | undefined
  location: string | undefined
  segmentSet: number | undefined
  bytes: number
  /** Upper-case hex, without quotes. */
  etag: string
  crc64: string | undefined
  contentType: string
  meta: ObjectMeta
  tags: Tag[]
  type: ObjectType
  storageClass: StorageClass
  /** Undefined when it follows the bucket's. */
  acl: Acl | undefined
  modifiedAt: Date
  restore: Restore | undefined
  isMarker: boolean
}

/** A thawed copy of an archived object. */
export interface Restore {
  /** When it can be read. */
  readyAt: string
  /** Until when. */
  until: string
}

/** An object about to be written. */
export type NewObject = Pick<
  StoredObject,
  | 'key'
  | 'location'
  | 'segmentSet'
  | 'bytes'
  | 'etag'
  | 'crc64'
  | 'contentType'
  | 'meta'
  | 'tags'
  | 'type'
  | 'storageClass'
  | 'acl'
>

/** The version id as customers see it. */
export function shownVersionId(object: { versionId: string | undefined }): string {
  return object.versionId ?? 'null'
}
