import { header } from '../domain/headers.ts'
import { getTarget } from '../find-target.ts'
import { onObject } from '../operation.ts'
import { readByteRange } from '../select/byte-range.ts'
import { CsvRecords } from '../select/csv-records.ts'
import { JsonRecords } from '../select/json-records.ts'
import { parseSql } from '../select/parse-sql.ts'
import { CountedSource, runSelect } from '../select/run-select.ts'
import { selectFromCsv } from '../select/select-csv.ts'
import { describeSelected } from '../select/select-headers.ts'
import { selectFromJson } from '../select/select-json.ts'
import { readSelectRequest } from '../select/select-request.ts'
import { readObject } from '../stored-bytes.ts'
import { followSymlink } from '../symlink.ts'
import { refuseUnreadable } from './GetObject.ts'

/** Answers with the records of a CSV or JSON object that an SQL expression asks for. */
export const SelectObject = onObject({
  name: 'SelectObject',
  route: {
    method: 'POST',
    subresources: ['x-oss-process=csv/select'],
    alternative: ['x-oss-process=json/select'],
  },
  permission: 'oss:GetObject',
  acl: 'read',
  async run(context, request) {
    const kind = request.query.get('x-oss-process') === 'json/select' ? 'json' : 'csv'
    const asked = readSelectRequest(await request.readXml('SelectRequest'), kind)
    const query = parseSql(asked.sql)
    const object = await followSymlink(context, await getTarget(context, request))
    refuseUnreadable(context, object)
    const { input, output, skipsPartial, maxSkipped } = asked
    const byteRange = readByteRange(header(request.headers, 'range'), object.bytes, asked)
    // The end of the line before tells whether one begins with the first byte.
    const delimiterBytes = input.kind === 'csv' ? input.format.recordDelimiter.length : 0
    const offset = Math.max(0, (byteRange?.first ?? 0) - delimiterBytes)
    const bytes = await readObject(context, context.bucket.bucketId, object, { offset, length: object.bytes - offset })
    const plan = {
      source: new CountedSource(bytes, asked.isGzip),
      range: byteRange ?? asked.range,
      limit: query.limit,
      maxSkipped,
      isRaw: output.isRaw,
    }
    const body =
      input.kind === 'csv'
        ? runSelect({
            ...plan,
            reader: new CsvRecords(input.format, offset),
            selection: selectFromCsv(query, offset === 0 ? input : { ...input, header: 'NONE' }, output, skipsPartial),
          })
        : runSelect({
            ...plan,
            reader: new JsonRecords(query.path, input.type),
            selection: selectFromJson(query, input, output, skipsPartial),
          })
    const headers = { ...describeSelected(context, object), 'x-oss-select-output-raw': String(output.isRaw) }
    return { status: 206, headers, body: { kind: 'bytes', bytes: body } }
  },
})
