import type { ObjectRequest } from '@pileus/kernel/object-protocol'
import type { Bucket } from './domain/bucket.ts'
import {
  defaultContentType,
  header,
  readMeta,
  readObjectAcl,
  readStorageClass,
  readTagHeader,
} from './domain/headers.ts'
import type { NewObject } from './domain/stored-object.ts'
import { refuseUnsupportedHeaders } from './refuse-headers.ts'

export type ObjectFacts = Pick<NewObject, 'contentType' | 'meta' | 'tags' | 'storageClass' | 'acl'>

/** What the headers of a write say about the object. @throws NotImplemented, InvalidArgument, InvalidTag, … */
export function readObjectFacts(bucket: Bucket, { headers }: Pick<ObjectRequest, 'headers'>): ObjectFacts {
  refuseUnsupportedHeaders(headers)
  return {
    contentType: header(headers, 'content-type') ?? defaultContentType,
    meta: readMeta(headers),
    tags: readTagHeader(headers),
    storageClass: readStorageClass(headers, bucket.storageClass),
    acl: readObjectAcl(headers),
  }
}

export function forbidsOverwrite({ headers }: Pick<ObjectRequest, 'headers'>): boolean {
  return header(headers, 'x-oss-forbid-overwrite')?.toLowerCase() === 'true'
}
