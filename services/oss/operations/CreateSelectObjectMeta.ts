import { getTarget } from '../find-target.ts'
import { onObject } from '../operation.ts'
import { CsvRecords } from '../select/csv-records.ts'
import { JsonRecords } from '../select/json-records.ts'
import { CountedSource, runMeta } from '../select/run-select.ts'
import { describeSelected } from '../select/select-headers.ts'
import { readMetaRequest } from '../select/select-request.ts'
import { readObject } from '../stored-bytes.ts'
import { followSymlink } from '../symlink.ts'
import { refuseUnreadable } from './GetObject.ts'

/** Counts lines and splits of an object. Nothing is kept: SelectObject finds ranges of them by itself. */
export const CreateSelectObjectMeta = onObject({
  name: 'CreateSelectObjectMeta',
  route: { method: 'POST', subresources: ['x-oss-process=csv/meta'], alternative: ['x-oss-process=json/meta'] },
  permission: 'oss:GetObject',
  acl: 'read',
  async run(context, request) {
    const isJson = request.query.get('x-oss-process') === 'json/meta'
    const root = await request.readXml(isJson ? 'JsonMetaRequest' : 'CsvMetaRequest')
    const input = readMetaRequest(root, isJson ? 'json' : 'csv')
    const object = await followSymlink(context, await getTarget(context, request))
    refuseUnreadable(context, object)
    const all = { offset: 0, length: object.bytes }
    const source = new CountedSource(await readObject(context, context.bucket.bucketId, object, all), false)
    const body =
      input.kind === 'csv'
        ? runMeta(source, new CsvRecords(input.format), ({ fields }) => fields.length)
        : runMeta(source, new JsonRecords([], input.type), undefined)
    return { status: 200, headers: describeSelected(context, object), body: { kind: 'bytes', bytes: body } }
  },
})
