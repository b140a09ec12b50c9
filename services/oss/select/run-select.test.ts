import { crc32, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { CsvRecords } from './csv-records.ts'
import { JsonRecords } from './json-records.ts'
import { parseSql } from './parse-sql.ts'
import { maxRecordBytes } from './record-reader.ts'
import { CountedSource, runMeta, runSelect } from './run-select.ts'
import { selectFromCsv } from './select-csv.ts'
import { selectFromJson } from './select-json.ts'
import type { CsvInput, HeaderUse, RecordRange, SelectOutput } from './select-request.ts'

const format: CsvInput['format'] = {
  recordDelimiter: '\n',
  fieldDelimiter: ',',
  quote: '"',
  comment: '#',
  allowsQuotedDelimiter: true,
}

interface Asked {
  header?: HeaderUse
  output?: Partial<SelectOutput>
  range?: RecordRange
  skips?: number
  isGzip?: boolean
  format?: Partial<CsvInput['format']>
  numbersAsText?: boolean
  chunkBytes?: number
}

async function* inChunks(bytes: Buffer, chunkBytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes)
}

function frames(kind: 'csv' | 'DOCUMENT' | 'LINES', sql: string, text: string, asked: Asked = {}) {
  const query = parseSql(sql)
  const bytes = asked.isGzip ? gzipSync(text) : Buffer.from(text)
  const output: SelectOutput = {
    recordDelimiter: '\n',
    fieldDelimiter: ',',
    isRaw: true,
    keepsAllColumns: false,
    hasHeader: false,
    ...asked.output,
  }
  const plan = {
    source: new CountedSource(inChunks(bytes, asked.chunkBytes ?? 7), asked.isGzip ?? false),
    range: asked.range,
    limit: query.limit,
    maxSkipped: asked.skips ?? 0,
    isRaw: output.isRaw,
  }
  const isSkipping = asked.skips !== undefined
  if (kind === 'csv') {
    const input: CsvInput = { kind, header: asked.header ?? 'NONE', format: { ...format, ...asked.format } }
    const selection = selectFromCsv(query, input, output, isSkipping)
    return runSelect({ ...plan, reader: new CsvRecords(input.format), selection })
  }
  const input = { kind: 'json', type: kind, numbersAsText: asked.numbersAsText ?? false } as const
  const selection = selectFromJson(query, input, output, isSkipping)
  return runSelect({ ...plan, reader: new JsonRecords(query.path, kind), selection })
}

async function ask(...given: Parameters<typeof frames>): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of frames(...given)) parts.push(part)
  return Buffer.concat(parts).toString()
}

const people = 'Name,Age,Motto\nAnn,41,"a, b"\n# nobody\nBob,7,"say ""x""\nand go"\nCéline,30,\n'

test.each<[string, Asked, string]>([
  ['select * from ossobject', {}, people.replace('# nobody\n', '')],
  ['select _1, _9 from ossobject limit 2', {}, 'Name,\nAnn,\n'],
  ['select name, motto from ossobject where age > 10', { header: 'USE' }, 'Ann,"a, b"\nCéline,\n'],
  ['select NAME from ossobject where motto = \'say "x"\nand go\'', { header: 'USE' }, 'Bob\n'],
  ['select _2 from ossobject', { header: 'IGNORE' }, '41\n7\n30\n'],
  ['select name n, age from ossobject limit 1', { header: 'USE', output: { hasHeader: true } }, 'n,Age\nAnn,41\n'],
  ['select _2 from ossobject limit 2', { output: { keepsAllColumns: true } }, ',Age,\n,41,\n'],
  ['select _1 from ossobject', { range: { unit: 'line', first: 1, last: 2 } }, 'Ann\n'],
  ['select _1 from ossobject', { range: { unit: 'split', first: 1, last: 2 } }, ''],
  [
    'select _2, _1 from ossobject limit 1',
    { output: { fieldDelimiter: '|', recordDelimiter: '\r\n' } },
    'Age|Name\r\n',
  ],
  ['select cast(age as int) * 2, 1 from ossobject', { header: 'USE' }, '82,1\n14,1\n60,1\n'],
  ['select count(*), sum(age), avg(age), min(age), max(age) from ossobject', { header: 'USE' }, '3,78,26,7,41\n'],
  ["select avg(age), count(*) from ossobject where name = 'x'", { header: 'USE' }, ',0\n'],
  ['select _1 from ossobject limit 1', { isGzip: true }, 'Name\n'],
  ['select _1 from ossobject limit 0', {}, ''],
])('CSV: %s %j', async (sql, asked, expected) => {
  expect(await ask('csv', sql, people, asked)).toBe(expected)
})

test('CSV: delimiters of two bytes, and a last line without one, whatever the pieces are', async () => {
  for (const chunkBytes of [1, 2, 3, 100]) {
    const text = 'a;b\r\nc;"d\r\ne"\r\nf'
    const own = { format: { recordDelimiter: '\r\n', fieldDelimiter: ';' }, chunkBytes }
    expect(await ask('csv', 'select _2, _1 from ossobject', text, own)).toBe('b,a\n"d\r\ne",c\n,f\n')
  }
})

const nested = '{"x":[1,{"objects":0}],"objects":[{"n":1.50,"p":{"a":"é"}},{"n":2,"p":null},{"m":[1,2]}],"z":"]}"}'

test.each<[string, 'DOCUMENT' | 'LINES', string, Asked, string]>([
  ['select * from ossobject', 'DOCUMENT', nested, {}, `${nested}\n`],
  ['select n from ossobject.objects[*]', 'DOCUMENT', nested, {}, '{"n":1.50}\n{"n":2}\n{}\n'],
  ['select s.p.a, s.m[1] as m from ossobject.objects[*] s', 'DOCUMENT', nested, {}, '{"a":"é"}\n{}\n{"m":2}\n'],
  ['select n from ossobject.objects[1]', 'DOCUMENT', nested, {}, '{"n":2}\n'],
  ['select * from ossobject.objects[*].n where true', 'DOCUMENT', nested, {}, '1.50\n2\n'],
  ['select max(n), count(*) c from ossobject.objects[*]', 'DOCUMENT', nested, {}, '{"_1":2,"c":3}\n'],
  ['select n from ossobject.objects[*] where p is null', 'DOCUMENT', nested, {}, '{"n":2}\n{}\n'],
  ['select a from ossobject where a = 1', 'LINES', '{"a":1},{"a":2}\n{"a":1.0}', {}, '{"a":1}\n{"a":1.0}\n'],
  ["select a from ossobject where a = '1.0'", 'LINES', '{"a":1}{"a":1.0}', { numbersAsText: true }, '{"a":1.0}\n'],
  ['select a from ossobject', 'LINES', '{"a":1}\n{"a":2}', { range: { unit: 'line', first: 1, last: 9 } }, '{"a":2}\n'],
  ['select * from ossobject', 'LINES', '', {}, ''],
])('JSON: %s of %s', async (sql, type, text, asked, expected) => {
  for (const chunkBytes of [1, 5, 1000]) expect(await ask(type, sql, text, { ...asked, chunkBytes })).toBe(expected)
})

test.each<[Parameters<typeof frames>, string]>([
  [['csv', 'select nothing from ossobject', people, { header: 'USE' }], 'InvalidSqlParameter'],
  [['csv', 'select a.b from ossobject', people], 'InvalidSqlParameter'],
  [['csv', 'select _1 from ossobject', '"open\nand on'], 'InvalidCsvLine'],
  [['csv', 'select _1 from ossobject', '"a"b,c\n'], 'InvalidCsvLine'],
  [['csv', 'select _1 from ossobject', 'x'.repeat(maxRecordBytes + 2), { chunkBytes: 65_536 }], 'InvalidCsvLine'],
  [['csv', 'select _1, _2 from ossobject', 'a\n', { skips: 0 }], 'InvalidDataRecord'],
  [['csv', 'select cast(_1 as int) from ossobject', 'a\n'], 'InvalidDataRecord'],
  [['DOCUMENT', 'select * from ossobject', 'Year,State'], 'InvalidJsonData'],
  [['DOCUMENT', 'select * from ossobject.b', '{"a":1}{"b":2}'], 'InvalidJsonData'],
  [['DOCUMENT', 'select * from ossobject.a', '{"a":01}'], 'InvalidJsonData'],
  [['DOCUMENT', 'select * from ossobject.b', '{"a":[1,]}'], 'InvalidJsonData'],
  [['DOCUMENT', 'select * from ossobject.b', '{"a":[1}'], 'InvalidJsonData'],
  [['DOCUMENT', 'select * from ossobject.b', '{"a"'], 'InvalidJsonData'],
  [['DOCUMENT', 'select * from ossobject.b', ''], 'InvalidJsonData'],
  [['LINES', 'select * from ossobject', '['.repeat(5000)], 'InvalidJsonData'],
  [
    ['LINES', 'select * from ossobject', `"${'x'.repeat(maxRecordBytes + 2)}`, { chunkBytes: 65_536 }],
    'InvalidJsonData',
  ],
])('what cannot be selected from, case %#', async (given, code) => {
  const asked = { ...given[3], output: { ...given[3]?.output, isRaw: false } }
  const run = ask(given[0], given[1], given[2], asked)
  // Nothing was answered yet.
  await expect(run).rejects.toMatchObject({ code, httpStatus: 400 })
})

test('records that do not fit are skipped, as many as may be', async () => {
  const text = 'a,1\nb\nc,x\nd,4\n'
  expect(await ask('csv', 'select _1 from ossobject where cast(_2 as int) > 0', text, { skips: 2 })).toBe('a\nd\n')
  await expect(ask('csv', 'select cast(_2 as int) from ossobject', text, { skips: 1 })).rejects.toMatchObject({
    code: 'InvalidDataRecord',
    message: expect.stringContaining('Line 3'),
  })
})

test('what is not GZIP cannot be decompressed', async () => {
  const plan = {
    source: new CountedSource(Buffer.from('plain'), true),
    reader: new CsvRecords(format),
    selection: selectFromCsv(
      parseSql('select * from ossobject'),
      { kind: 'csv', header: 'NONE', format },
      { recordDelimiter: '\n', fieldDelimiter: ',', isRaw: true, keepsAllColumns: false, hasHeader: false },
      false,
    ),
    range: undefined,
    limit: undefined,
    maxSkipped: 0,
    isRaw: true,
  }
  await expect(runSelect(plan).next()).rejects.toMatchObject({ code: 'DecompressFailure' })
})

/** The frames of an answer, checked. */
function parseFrames(bytes: Buffer) {
  const found: { type: number; payload: Buffer }[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at + 4)
    const payload = bytes.subarray(at + 12, at + 12 + length)
    expect(bytes[at]).toBe(1)
    expect(bytes.readUInt32BE(at + 12 + length)).toBe(crc32(payload))
    found.push({ type: bytes.readUIntBE(at + 1, 3), payload })
    at += 16 + length
  }
  return found
}

async function collect(parts: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = []
  for await (const part of parts) all.push(part)
  return Buffer.concat(all)
}

test('frames hold what was selected, and the last one says how it went', async () => {
  const output = { isRaw: false }
  const good = parseFrames(await collect(frames('csv', 'select _1 from ossobject', 'a,b\nc,d\n', { output })))
  expect(good.map(({ type }) => type)).toEqual([8388609, 8388613])
  expect(good[0]!.payload.subarray(8).toString()).toBe('a\nc\n')
  expect(good[1]!.payload.readBigUInt64BE(8)).toBe(8n)
  expect(good[1]!.payload.readUInt32BE(16)).toBe(206)
  const late = parseFrames(await collect(frames('csv', 'select _1 from ossobject', 'a,b\n"c', { output })))
  expect(late.map(({ type }) => type)).toEqual([8388609, 8388613])
  expect(late[1]!.payload.readUInt32BE(16)).toBe(400)
  expect(late[1]!.payload.subarray(20).toString()).toMatch(/^InvalidCsvLine\.Line 2 /)
  const quiet = Buffer.from('a,b\n'.repeat(2_500_000))
  const silent = frames('csv', "select _1 from ossobject where _1 = 'z'", quiet.toString(), {
    output,
    chunkBytes: 2 ** 20,
  })
  expect(parseFrames(await collect(silent)).map(({ type }) => type)).toEqual([8388612, 8388613])
})

test('lines, columns and splits are counted', async () => {
  const text = Buffer.from(`${'x'.repeat(99)},y,z\n`.repeat(60_000))
  const csv = runMeta(
    new CountedSource(inChunks(text, 2 ** 18), false),
    new CsvRecords(format),
    ({ fields }) => fields.length,
  )
  const [{ type, payload } = { type: 0, payload: Buffer.alloc(0) }] = parseFrames(await collect(csv))
  expect([type, payload.readUInt32BE(16), payload.readUInt32BE(20)]).toEqual([8388614, 200, 2])
  expect([payload.readBigUInt64BE(24), payload.readUInt32BE(32)]).toEqual([60_000n, 3])
  const json = runMeta(new CountedSource(Buffer.from('{}\n{}'), false), new JsonRecords([], 'LINES'), undefined)
  const [second] = parseFrames(await collect(json))
  expect([second!.type, second!.payload.readBigUInt64BE(24), second!.payload.length]).toEqual([8388615, 2n, 32])
})
