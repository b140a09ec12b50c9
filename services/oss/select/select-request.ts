/** Reads the documents that ask to select. */
import { say } from '@pileus/kernel/messages/text'
import type { XmlElement } from '@pileus/kernel/object-protocol'
import { malformedXml } from '../domain/xml.ts'
import { findFlag, findOnly, findValue, findWhole, getOnly } from '../domain/xml-values.ts'
import type { CsvFormat } from './csv-records.ts'

export type HeaderUse = 'NONE' | 'IGNORE' | 'USE'

/** Records in the first to the last line or split, or that begin in the first to the last byte. */
export interface RecordRange {
  readonly unit: 'line' | 'split' | 'byte'
  readonly first: number
  readonly last: number
}

export interface CsvInput {
  readonly kind: 'csv'
  readonly format: CsvFormat
  readonly header: HeaderUse
}

export interface JsonInput {
  readonly kind: 'json'
  readonly type: 'DOCUMENT' | 'LINES'
  readonly numbersAsText: boolean
}

export interface SelectOutput {
  readonly recordDelimiter: string
  readonly fieldDelimiter: string
  readonly isRaw: boolean
  readonly keepsAllColumns: boolean
  readonly hasHeader: boolean
}

export interface SelectRequest {
  readonly sql: string
  readonly input: CsvInput | JsonInput
  readonly isGzip: boolean
  readonly range: RecordRange | undefined
  readonly output: SelectOutput
  /** Whether a record without a column that is named is skipped. */
  readonly skipsPartial: boolean
  readonly maxSkipped: number
}

/** @throws MalformedXML that names the element */
export function readSelectRequest(root: XmlElement, kind: 'csv' | 'json'): SelectRequest {
  const serialization = getOnly(root, 'InputSerialization')
  const output = findOnly(root, 'OutputSerialization') ?? nothing
  const options = findOnly(root, 'Options') ?? nothing
  const form = findOnly(output, kind.toUpperCase()) ?? nothing
  return {
    sql: Buffer.from(findValue(root, 'Expression') ?? '', 'base64').toString('utf8'),
    input: kind === 'csv' ? readCsvInput(serialization) : readJsonInput(serialization),
    isGzip: readCompression(serialization) === 'GZIP',
    range: readRange(serialization, kind),
    output: {
      recordDelimiter: readText(form, 'RecordDelimiter') ?? '\n',
      fieldDelimiter: readText(form, 'FieldDelimiter') ?? ',',
      isRaw: findFlag(output, 'OutputRawData') ?? false,
      keepsAllColumns: findFlag(output, 'KeepAllColumns') ?? false,
      hasHeader: findFlag(output, 'OutputHeader') ?? false,
    },
    skipsPartial: findFlag(options, 'SkipPartialDataRecord') ?? false,
    maxSkipped: findWhole(options, 'MaxSkippedRecordsAllowed', 0, Number.MAX_SAFE_INTEGER) ?? 0,
  }
}

/** What is counted for CreateSelectObjectMeta. @throws MalformedXML */
export function readMetaRequest(root: XmlElement, kind: 'csv' | 'json'): CsvInput | JsonInput {
  const serialization = getOnly(root, 'InputSerialization')
  if (readCompression(serialization) !== 'NONE') throw mustBe('CompressionType', 'None')
  const input = kind === 'csv' ? readCsvInput(serialization) : readJsonInput(serialization)
  if (input.kind === 'json' && input.type !== 'LINES') throw mustBe('Type', 'LINES')
  return input
}

const nothing: XmlElement = { name: '', text: '', children: [] }

function mustBe(name: string, ...accepted: string[]) {
  return malformedXml(say`${name} must be one of ${accepted.join(', ')}.`)
}

/** Some clients say it in base64. */
function readCompression(serialization: XmlElement): 'NONE' | 'GZIP' {
  const given = findValue(serialization, 'CompressionType') ?? ''
  const plain = [given, Buffer.from(given, 'base64').toString('latin1')].map((one) => one.toUpperCase())
  if (given === '' || plain.includes('NONE')) return 'NONE'
  if (plain.includes('GZIP')) return 'GZIP'
  throw mustBe('CompressionType', 'None', 'GZIP')
}

function readCsvInput(serialization: XmlElement): CsvInput {
  const csv = findOnly(serialization, 'CSV') ?? nothing
  const header = (findValue(csv, 'FileHeaderInfo') || 'NONE').toUpperCase()
  if (header !== 'NONE' && header !== 'IGNORE' && header !== 'USE') {
    throw mustBe('FileHeaderInfo', 'None', 'Ignore', 'Use')
  }
  const format: CsvFormat = {
    recordDelimiter: readCharacters(csv, 'RecordDelimiter', 2) ?? '\n',
    fieldDelimiter: readCharacters(csv, 'FieldDelimiter', 1) ?? ',',
    quote: readCharacters(csv, 'QuoteCharacter', 1) ?? '"',
    comment: readCharacters(csv, 'CommentCharacter', 1),
    allowsQuotedDelimiter: findFlag(csv, 'AllowQuotedRecordDelimiter') ?? true,
  }
  return { kind: 'csv', format, header }
}

function readJsonInput(serialization: XmlElement): JsonInput {
  const json = getOnly(serialization, 'JSON')
  const type = (findValue(json, 'Type') ?? '').toUpperCase()
  if (type !== 'DOCUMENT' && type !== 'LINES') throw mustBe('Type', 'DOCUMENT', 'LINES')
  return { kind: 'json', type, numbersAsText: findFlag(json, 'ParseJsonNumberAsString') ?? false }
}

/** `line-range=<first>-<last>` or `split-range=…`; an end that is left out is the object's. */
function readRange(serialization: XmlElement, kind: 'csv' | 'json'): RecordRange | undefined {
  const form = findOnly(serialization, kind.toUpperCase()) ?? nothing
  const text = findValue(form, 'Range') ?? ''
  if (text === '') return undefined
  const found = /^(line|split)-range=(\d{0,15})-(\d{0,15})$/.exec(text)
  if (!found || (form.name === 'JSON' && findValue(form, 'Type')?.toUpperCase() === 'DOCUMENT')) {
    throw mustBe('Range', 'line-range=<first>-<last>', 'split-range=<first>-<last>')
  }
  const [, unit, first = '', last = ''] = found
  return {
    unit: unit === 'line' ? 'line' : 'split',
    first: first === '' ? 0 : Number(first),
    last: last === '' ? Number.POSITIVE_INFINITY : Number(last),
  }
}

/** Text in base64; undefined for none. */
function readText(element: XmlElement, name: string): string | undefined {
  const given = findValue(element, name) ?? ''
  return given === '' ? undefined : Buffer.from(given, 'base64').toString('utf8')
}

function readCharacters(element: XmlElement, name: string, most: 1 | 2): string | undefined {
  const text = readText(element, name)
  if (text === undefined) return undefined
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a delimiter may be one
  if (/^[\u0000-\u007f]{1,2}$/.test(text) && text.length <= most) return text
  throw malformedXml(say`${name} must be ASCII characters in base64, ${most} at most.`)
}
