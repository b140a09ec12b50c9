import { ApiError } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { objectError } from '@pileus/kernel/object-protocol'
import { invalid } from '../domain/headers.ts'
import { readEncoding } from '../domain/list-parameters.ts'
import { isVersionId, newVersionId } from '../domain/version-id.ts'
import { childrenOf, findText, getText, malformedXml } from '../domain/xml.ts'
import { errors } from '../errors.ts'
import { keepsObjects } from '../immutable.ts'
import { type BucketContext, onBucket } from '../operation.ts'
import { readContentMd5 } from '../stored-bytes.ts'
import { type Doomed, deleteMany } from '../tables/delete-many.ts'
import { inTransaction } from '../transaction.ts'
import { DeleteObject, type Removed, removeObject } from './DeleteObject.ts'

const maxKeys = 1000
/** Keys that are deleted at once; each holds a lock of the database until all are. */
const batchKeys = 100

/** Each key is asked about as a deletion of its own; those that may not be deleted are errors in the answer. */
export const DeleteMultipleObjects = onBucket({
  name: 'DeleteMultipleObjects',
  route: { method: 'POST', subresources: ['delete'] },
  permission: 'everybody',
  async run(context, request) {
    const { encode, EncodingType } = readEncoding(request.query)
    readContentMd5(request)
    const root = await request.readXml('Delete')
    const wanted = childrenOf(root, 'Object').map((object) => ({
      key: getText(object, 'Key'),
      versionId: findText(object, 'VersionId') || undefined,
    }))
    if (wanted.length === 0 || wanted.length > maxKeys) throw malformedXml(say`it must name 1 to ${maxKeys} objects.`)
    const odd = wanted.find(({ versionId }) => versionId !== undefined && !isVersionId(versionId))
    if (odd) throw invalid('VersionId', odd.versionId ?? '', say`VersionId is none that this cloud has given.`)
    if (wanted.some(({ key }) => key === '' || Buffer.byteLength(key) > 1023)) {
      throw objectError(errors.InvalidObjectName, { facts: { reason: say`a key has 1 to 1023 bytes.` } })
    }
    const deleted: object[] = []
    const failed: object[] = []
    const allowed: Doomed[] = []
    let denied: ApiError | undefined
    const fail = ({ key, versionId }: Doomed, error: unknown): void => {
      // Nobody who may delete nothing here learns more by asking for many keys at once.
      if (!(error instanceof ApiError) || wanted.length === 1) throw error
      denied ??= error.code === 'AccessDenied' ? error : undefined
      failed.push({ Key: encode(key), VersionId: versionId, Code: error.code, Message: error.message })
    }
    for (const one of wanted) {
      const { key, versionId } = one
      const object = { bucket: context.bucket.name, key, ...(versionId === undefined ? {} : { versionId }) }
      await context.mayAlso(DeleteObject, object).then(
        () => allowed.push(one),
        (error) => fail(one, error),
      )
    }
    if (allowed.length === 0 && denied) throw denied
    const done = ({ key, versionId }: Doomed, removed: Removed): void => {
      const marker = removed.isMarker ? { DeleteMarker: true, DeleteMarkerVersionId: removed.versionId } : {}
      deleted.push({ Key: encode(key), VersionId: versionId, ...marker })
    }
    if (keepsObjects(context)) {
      for (const one of allowed)
        await removeObject(context, one.key, versionOfDoomed(one)).then(
          (removed) => done(one, removed),
          (error) => fail(one, error),
        )
    } else {
      for (let at = 0; at < allowed.length; at += batchKeys) {
        const batch = allowed.slice(at, at + batchKeys)
        const removed = await removeBatch(context, batch)
        for (const [i, one] of batch.entries()) done(one, removed[i]!)
      }
    }
    const isQuiet = findText(root, 'Quiet')?.trim().toLowerCase() === 'true'
    if (isQuiet && failed.length === 0 && request.dialect === 'oss') return { status: 200 }
    const value = { EncodingType, Deleted: isQuiet ? [] : deleted, Error: failed }
    return { status: 200, body: { kind: 'xml', root: 'DeleteResult', value } }
  },
})

async function removeBatch(context: BucketContext, batch: readonly Doomed[]): Promise<Removed[]> {
  const { store, bucket, clock } = context
  const how = { at: clock.now(), newVersionId }
  const outcomes = await inTransaction(store, (db) => deleteMany(db, bucket.bucketId, batch, how))
  return outcomes.map(({ outcome, versionId }, i) => {
    if (outcome === 'gone') throw objectError(errors.NoSuchBucket, { details: { BucketName: bucket.name } })
    if (outcome === 'deleted') return { versionId: undefined, isMarker: false }
    const isMarker = outcome === 'marked' || outcome === 'marker'
    return { versionId: batch[i]!.versionId ?? versionId ?? 'null', isMarker }
  })
}

function versionOfDoomed({ versionId }: Doomed): { id: string | undefined } | undefined {
  return versionId === undefined ? undefined : { id: versionId === 'null' ? undefined : versionId }
}
