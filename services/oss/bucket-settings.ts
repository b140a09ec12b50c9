/** Operations that set, tell and remove the one document of a sub-resource of a bucket. */
import type { ErrorKind } from '@pileus/kernel/errors'
import { type ObjectRequest, objectError, type XmlElement } from '@pileus/kernel/object-protocol'
import type { Bucket, BucketSettings } from './domain/bucket.ts'
import { type BoundOperation, type BucketContext, onBucket } from './operation.ts'
import { setBucketSetting } from './tables/buckets.ts'

interface Named<Name extends keyof BucketSettings> {
  /** Of the action; the permission is `oss:<name>`. */
  name: string
  subresource: string
  /** More of the query that chooses the operation, such as `comp=callback`. */
  also?: string
  setting: Name
}

/** PUT of a document whose root is `root`. `read` checks it and gives what is kept. */
export function putsSetting<Name extends keyof BucketSettings>(
  given: Named<Name> & {
    root: string
    read(
      root: XmlElement,
      context: BucketContext,
      request: ObjectRequest,
    ): NonNullable<BucketSettings[Name]> | Promise<NonNullable<BucketSettings[Name]>>
  },
): BoundOperation {
  return onBucket({
    name: given.name,
    route: { method: 'PUT', subresources: subresourcesOf(given) },
    permission: `oss:${given.name}`,
    async run(context, request) {
      const value = await given.read(await request.readXml(given.root), context, request)
      await changeSetting(context, given.setting, value)
      return { status: 200 }
    },
  })
}

/** GET of the document. `describe` is given undefined where none was set, unless `absent` says that this is an error. */
export function getsSetting<Name extends keyof BucketSettings>(
  given: Named<Name> & { root: string } & (
      | { absent: ErrorKind; describe(value: NonNullable<BucketSettings[Name]>, bucket: Bucket): object }
      | { absent?: never; describe(value: BucketSettings[Name] | undefined, bucket: Bucket): object }
    ),
): BoundOperation {
  return onBucket({
    name: given.name,
    route: { method: 'GET', subresources: subresourcesOf(given) },
    permission: `oss:${given.name}`,
    async run({ bucket }) {
      const value = bucket.settings[given.setting]
      if (given.absent && value === undefined) {
        throw objectError(given.absent, { details: { BucketName: bucket.name } })
      }
      const described = given.describe(value as NonNullable<BucketSettings[Name]>, bucket)
      return { status: 200, body: { kind: 'xml', root: given.root, value: described } }
    },
  })
}

/** DELETE of the document, which need not be there. */
export function deletesSetting<Name extends keyof BucketSettings>(given: Named<Name>): BoundOperation {
  return onBucket({
    name: given.name,
    route: { method: 'DELETE', subresources: subresourcesOf(given) },
    permission: `oss:${given.name}`,
    async run(context) {
      await changeSetting(context, given.setting, undefined)
      return { status: 204 }
    },
  })
}

/** Sets or removes a document and makes all processes know. */
export async function changeSetting<Name extends keyof BucketSettings>(
  { buckets, bucket }: Pick<BucketContext, 'buckets' | 'bucket'>,
  name: Name,
  value: BucketSettings[Name] | undefined,
): Promise<void> {
  await buckets.change(bucket.name, (db) => setBucketSetting(db, bucket.bucketId, name, value))
}

function subresourcesOf({ subresource, also }: { subresource: string; also?: string }): string[] {
  return also === undefined ? [subresource] : [subresource, also]
}
