/** What listings share: bounds of pages and names in URL encoding. */
import { say } from '@pileus/kernel/messages/text'
import { invalid } from './headers.ts'

/** @throws InvalidArgument */
export function readMaxKeys(query: ReadonlyMap<string, string>, name = 'max-keys', otherwise = 100): number {
  const text = query.get(name)
  if (text === undefined || text === '') return otherwise
  const value = /^\d{1,9}$/.test(text) ? Number(text) : -1
  if (value < 0 || value > 1000) throw invalid(name, text, say`${name} must be a number from 0 to 1000.`)
  return value
}

/** How names are written: as they are, or percent-encoded when the client asked. @throws InvalidArgument */
export function readEncoding(query: ReadonlyMap<string, string>): {
  encode(name: string): string
  EncodingType: 'url' | undefined
} {
  const type = query.get('encoding-type')
  if (type === undefined || type === '') return { encode: (name) => name, EncodingType: undefined }
  if (type !== 'url') throw invalid('encoding-type', type, say`encoding-type must be url.`)
  return { encode: urlEncode, EncodingType: 'url' }
}

function urlEncode(name: string): string {
  return encodeURIComponent(name).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}
