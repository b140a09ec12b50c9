import { ApiError } from '@pileus/kernel/errors'
import { objectError } from '@pileus/kernel/object-protocol'
import { readEncoding } from '../domain/list-parameters.ts'
import { childrenOf, findText, getText, malformedXml } from '../domain/xml.ts'
import { errors } from '../errors.ts'
import { onBucket } from '../operation.ts'
import { readContentMd5 } from '../stored-bytes.ts'
import { DeleteObject, removeObject } from './DeleteObject.ts'

const maxKeys = 1000

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
    if (wanted.length === 0 || wanted.length > maxKeys) throw malformedXml(`it must name 1 to ${maxKeys} objects.`)
    if (wanted.some(({ key }) => key === '' || Buffer.byteLength(key) > 1023)) {
      throw objectError(errors.InvalidObjectName, { facts: { reason: 'a key has 1 to 1023 bytes.' } })
    }
    const deleted: object[] = []
    const failed: object[] = []
    for (const { key, versionId } of wanted) {
      const named = { Key: encode(key), VersionId: versionId }
      try {
        await context.mayAlso(DeleteObject, {
          bucket: context.bucket.name,
          key,
          ...(versionId === undefined ? {} : { versionId }),
        })
        const version = versionId === undefined ? undefined : { id: versionId === 'null' ? undefined : versionId }
        const removed = await removeObject(context, key, version)
        const marker = removed.isMarker ? { DeleteMarker: true, DeleteMarkerVersionId: removed.versionId } : {}
        deleted.push({ ...named, ...marker })
      } catch (error) {
        if (!(error instanceof ApiError)) throw error
        // Nobody who may delete nothing here learns more by asking for many keys at once.
        if (wanted.length === 1) throw error
        failed.push({ ...named, Code: error.code, Message: error.message })
      }
    }
    const isQuiet = findText(root, 'Quiet')?.trim().toLowerCase() === 'true'
    if (isQuiet && failed.length === 0 && request.dialect === 'oss') return { status: 200 }
    const value = { EncodingType, Deleted: isQuiet ? [] : deleted, Error: failed }
    return { status: 200, body: { kind: 'xml', root: 'DeleteResult', value } }
  },
})
