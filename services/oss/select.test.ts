/** Selecting over the wire: requests, who may, and answers. Which records are found is tested beside the code. */
import { gzipSync } from 'node:zlib'
import { callOss, type OssCallAnswer } from '@pileus/testkit/oss-signed-call'
import { startTestCloud, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, expect, test } from 'vitest'

const bucket = 'selected'
const lines = 'name,age\nAnn,41\nBob,7\n'
let cloud: TestCloud

beforeAll(async () => {
  cloud = await startTestCloud()
  await callOss(cloud, { method: 'PUT', bucket })
  await put('a.csv', lines)
  await put('a.csv.gz', gzipSync(lines))
  await put('a.json', '{"people":[{"name":"Ann","age":41},{"name":"Bob","age":7}]}')
  await put('a.jsonl', '{"name":"Ann"}\n{"name":"Bob"}\n')
  await callOss(cloud, {
    method: 'PUT',
    bucket,
    key: 'link',
    headers: { 'x-oss-symlink-target': 'a.csv' },
    query: { symlink: undefined },
  })
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

const put = (key: string, body: string | Buffer) => callOss(cloud, { method: 'PUT', bucket, key, body })
const encoded = (text: string): string => Buffer.from(text).toString('base64')

interface Asked {
  input?: string
  output?: string
  options?: string
  headers?: Record<string, string>
  how?: 'signed' | 'anonymous'
}

function select(key: string, sql: string, asked: Asked = {}): Promise<OssCallAnswer> {
  const { input = '<CSV><FileHeaderInfo>Use</FileHeaderInfo></CSV>', headers = {}, how = 'signed' } = asked
  const { output = '<OutputRawData>true</OutputRawData>', options = '' } = asked
  const kind = input.includes('<JSON>') ? 'json' : 'csv'
  const body =
    `<SelectRequest><Expression>${encoded(sql)}</Expression><InputSerialization>${input}</InputSerialization>` +
    `<OutputSerialization>${output}</OutputSerialization><Options>${options}</Options></SelectRequest>`
  const query = { 'x-oss-process': `${kind}/select` }
  return callOss(cloud, { method: 'POST', bucket, key, query, body, headers }, how)
}

test('CSV, compressed CSV, and the target of a link', async () => {
  const sql = 'select name from ossobject where age > 10'
  const answer = await select('a.csv', sql)
  expect([answer.status, answer.text]).toEqual([206, 'Ann\n'])
  expect(answer.headers).toMatchObject({ 'x-oss-select-output-raw': 'true', 'x-oss-object-type': 'Normal' })
  expect(answer.headers).not.toHaveProperty('x-oss-hash-crc64ecma')
  const gzip = '<CompressionType>GZIP</CompressionType><CSV><FileHeaderInfo>Use</FileHeaderInfo></CSV>'
  expect((await select('a.csv.gz', sql, { input: gzip })).text).toBe('Ann\n')
  expect((await select('link', sql)).text).toBe('Ann\n')
})

test('JSON documents and lines', async () => {
  const json = (type: string) => ({ input: `<JSON><Type>${type}</Type></JSON>` })
  const inside = await select('a.json', 'select p.name from ossobject.people[*] p where p.age < 10', json('DOCUMENT'))
  expect([inside.status, inside.text]).toEqual([206, '{"name":"Bob"}\n'])
  expect((await select('a.jsonl', 'select count(*) from ossobject', json('LINES'))).text).toBe('{"_1":2}\n')
  const wrong = await select('a.csv', 'select * from ossobject', json('DOCUMENT'))
  expect([wrong.status, wrong.code]).toEqual([400, 'InvalidJsonData'])
})

test('frames, the last of which tells of an error once something is answered', async () => {
  const partial = { output: '', options: '<SkipPartialDataRecord>true</SkipPartialDataRecord>', input: '<CSV/>' }
  await put('partial.csv', 'a,b\nc\n')
  const answer = await select('partial.csv', 'select _2 from ossobject', partial)
  expect([answer.status, answer.headers['x-oss-select-output-raw']]).toEqual([206, 'false'])
  expect(answer.text).toContain('InvalidDataRecord.Line 2 ')
})

test('a range of bytes, of lines, and of what cannot have one', async () => {
  const plain = '<CSV><AllowQuotedRecordDelimiter>false</AllowQuotedRecordDelimiter></CSV>'
  const range = (header: string) => ({ input: plain, headers: { range: header } })
  expect((await select('a.csv', 'select * from ossobject', range('bytes=0-1'))).text).toBe('name,age\n')
  expect((await select('a.csv', 'select * from ossobject', range('bytes=9-9'))).text).toBe('Ann,41\n')
  expect((await select('a.csv', 'select * from ossobject', range('bytes=10-'))).text).toBe('Bob,7\n')
  const refused = await select('a.csv', 'select * from ossobject', { headers: { range: 'bytes=0-1' } })
  expect([refused.status, refused.code]).toEqual([400, 'InvalidArgument'])
  const second = { input: '<CSV><Range>line-range=1-1</Range></CSV>' }
  expect((await select('a.csv', 'select * from ossobject', second)).text).toBe('Ann,41\n')
})

test.each<[string, string, Asked, string]>([
  ['an empty expression', '', {}, 'InvalidSqlParameter'],
  ['an unknown column', 'select nobody from ossobject', {}, 'InvalidSqlParameter'],
  [
    'a long delimiter',
    'select * from ossobject',
    { input: '<CSV><FieldDelimiter>YWJj</FieldDelimiter></CSV>' },
    'MalformedXML',
  ],
  ['an unknown type', 'select * from ossobject', { input: '<JSON><Type>XML</Type></JSON>' }, 'MalformedXML'],
  ['a wrong range', 'select * from ossobject', { input: '<CSV><Range>rows=1</Range></CSV>' }, 'MalformedXML'],
  [
    'what is not compressed',
    'select * from ossobject',
    { input: '<CompressionType>GZIP</CompressionType>' },
    'DecompressFailure',
  ],
])('%s is refused', async (_, sql, asked, code) => {
  const answer = await select('a.csv', sql, asked)
  expect([answer.status, answer.code]).toEqual([400, code])
})

test('whoever may read the object may select, and nobody else', async () => {
  const asked = { how: 'anonymous' } as const
  expect(await select('a.csv', 'select * from ossobject', asked)).toMatchObject({ status: 403, code: 'AccessDenied' })
  expect(await select('nothing', 'select * from ossobject')).toMatchObject({ status: 404, code: 'NoSuchKey' })
})

test('lines are counted, of what is not compressed', async () => {
  const count = (process: string, body: string) =>
    callOss(cloud, { method: 'POST', bucket, key: 'a.csv', query: { 'x-oss-process': process }, body })
  const csv = '<CsvMetaRequest><InputSerialization><CSV/></InputSerialization></CsvMetaRequest>'
  const answer = await count('csv/meta', csv)
  expect([answer.status, answer.text.includes('\u0003\u0000\u0000\u0000\u0002')]).toEqual([200, true])
  const gzip = csv.replace('<CSV/>', `<CompressionType>${encoded('GZIP')}</CompressionType>`)
  expect(await count('csv/meta', gzip)).toMatchObject({ status: 400, code: 'MalformedXML' })
  const json =
    '<JsonMetaRequest><InputSerialization><JSON><Type>LINES</Type></JSON></InputSerialization></JsonMetaRequest>'
  expect(await count('json/meta', json)).toMatchObject({ status: 400, code: 'InvalidJsonData' })
})
