import { apiError } from '@pileus/kernel/errors'
import { say, type Text } from '@pileus/kernel/messages/text'
import { kmsErrors } from '../errors.ts'
import type { EncryptionContext } from './ciphertext.ts'

export function invalid(parameter: string, reason: Text) {
  return apiError(kmsErrors.InvalidParameter, { parameter, reason })
}

/** @throws InvalidParameter for text that is no Base64, or stands for too few or too many bytes */
export function parseBase64(parameter: string, text: string, range: { min: number; max: number }): Buffer {
  if (!/^[A-Za-z0-9+/\r\n]*={0,2}\s*$/.test(text)) throw invalid(parameter, say`it must be Base64.`)
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length < range.min || bytes.length > range.max) {
    throw invalid(parameter, say`it must stand for ${range.min} to ${range.max} bytes, and stands for ${bytes.length}.`)
  }
  return bytes
}

/** A flat object of strings, of 8192 characters at most. @throws InvalidParameter */
export function parseContext(
  given: Readonly<Record<string, unknown>> | undefined,
  parameter = 'EncryptionContext',
): EncryptionContext {
  const entries = Object.entries(given ?? {})
  if (entries.some(([, value]) => typeof value !== 'string')) {
    throw invalid(parameter, say`it must be a JSON object whose values are strings.`)
  }
  if (JSON.stringify(given ?? {}).length > 8_192) throw invalid(parameter, say`it may have 8192 characters at most.`)
  return Object.fromEntries(entries) as Record<string, string>
}

/** At most 8192 characters. @throws InvalidParameter */
export function parseDescription(text: string | undefined): string {
  if (text !== undefined && text.length > 8_192) throw invalid('Description', say`it may have 8192 characters at most.`)
  return text ?? ''
}

/** A number of seconds from 7 to 730 days, written as `30d`, `720h`, `86400s` or a bare number of seconds. */
export function parseRotationSeconds(text: string): number {
  const match = /^(\d{1,9})(d|h|m|s)?$/.exec(text)
  const unit = { d: 86_400, h: 3_600, m: 60, s: 1 }[(match?.[2] ?? 's') as 'd' | 'h' | 'm' | 's']
  const seconds = Number(match?.[1] ?? Number.NaN) * unit
  if (!(seconds >= 7 * 86_400 && seconds <= 730 * 86_400)) {
    throw invalid('RotationInterval', say`it must be 7 to 730 days, such as 365d, and is "${text}".`)
  }
  return seconds
}

export function isTrue(text: string | undefined): boolean {
  return text?.toLowerCase() === 'true'
}

/** Reads `[{"TagKey": …, "TagValue": …}]`. @throws InvalidParameter */
export function parseTagList(text: string | undefined): { Key: string; Value: string }[] {
  if (!text) return []
  let list: unknown
  try {
    list = JSON.parse(text)
  } catch {
    list = undefined
  }
  if (!Array.isArray(list))
    throw invalid('Tags', say`it must be a JSON list such as ${'[{"TagKey":"k","TagValue":"v"}]'}.`)
  return list.map((item: { TagKey?: unknown; TagValue?: unknown }) => ({
    Key: String(item?.TagKey ?? ''),
    Value: String(item?.TagValue ?? ''),
  }))
}
