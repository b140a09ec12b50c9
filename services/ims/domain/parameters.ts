/** Checks of parameters of identity providers. */

import { isIP } from 'node:net'
import { type ApiError, apiError, commonErrors } from '@pileus/kernel/errors'
import { say, type Text } from '@pileus/kernel/messages/text'

export const limits = { providers: 100, clientIds: 50, fingerprints: 5, metadataBytes: 102_400 } as const

export function requireParameter(parameter: string, value: string | undefined): string {
  if (value === undefined || value === '') throw apiError(commonErrors.MissingParameter, { parameter })
  return value
}

function invalid(parameter: string, reason: Text): ApiError {
  return apiError(commonErrors.InvalidParameter, { parameter, reason })
}

/** @throws MissingParameter, InvalidParameter */
export function parseProviderName(parameter: string, value: string | undefined): string {
  const name = requireParameter(parameter, value)
  if (!/^[A-Za-z0-9](?:[\w.-]{0,126}[A-Za-z0-9])?$/.test(name)) {
    throw invalid(parameter, say`it must have 1 to 128 letters, digits, periods, hyphens or underscores.`)
  }
  return name
}

/** @throws InvalidParameter beyond 256 characters */
export function parseDescription(value: string | undefined, parameter = 'Description'): string {
  if ((value ?? '').length > 256) throw invalid(parameter, say`it may have 256 characters.`)
  return value ?? ''
}

/**
 * An https URL, as it stands in tokens. An address of its own may use http: such issuers are reached only where the
 * operator lets requests out to them.
 */
export function parseIssuerUrl(value: string | undefined): string {
  const text = requireParameter('IssuerUrl', value)
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isWeb =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && isIP(url.hostname.replace(/[[\]]/g, '')) > 0)
  if (!url || !isWeb || text.length > 255 || url.search !== '' || url.hash !== '' || url.username !== '') {
    throw invalid('IssuerUrl', say`it must be an https URL of at most 255 characters, without a query or fragment.`)
  }
  return text
}

/** Ids separated by commas. @throws MissingParameter, InvalidParameter */
export function parseClientIds(value: string | undefined): string[] {
  const ids = requireParameter('ClientIds', value).split(',')
  for (const id of ids) parseClientId(id, 'ClientIds')
  if (ids.length > limits.clientIds) throw invalid('ClientIds', say`it may have ${limits.clientIds} ids.`)
  return [...new Set(ids)]
}

export function parseClientId(value: string | undefined, parameter = 'ClientId'): string {
  const id = requireParameter(parameter, value)
  if (!/^[\w.:/@+=-]{1,128}$/.test(id)) {
    throw invalid(parameter, say`an id must have 1 to 128 letters, digits or characters of .:/@+=-_`)
  }
  return id
}

/** SHA-1 in hex, separated by commas; none when absent. @throws InvalidParameter */
export function parseFingerprints(value: string | undefined): string[] {
  if (value === undefined || value === '') return []
  const prints = value.split(',').map((one) => parseFingerprint(one, 'Fingerprints'))
  if (prints.length > limits.fingerprints)
    throw invalid('Fingerprints', say`it may have ${limits.fingerprints} of them.`)
  return [...new Set(prints)]
}

export function parseFingerprint(value: string | undefined, parameter = 'Fingerprint'): string {
  const text = requireParameter(parameter, value)
  if (!/^[0-9a-fA-F]{40}$/.test(text)) throw invalid(parameter, say`a fingerprint is SHA-1 in 40 hexadecimal digits.`)
  return text.toLowerCase()
}

/** Hours, 12 when absent. @throws InvalidParameter */
export function parseIssuanceLimit(value: number | undefined): number {
  const hours = value ?? 12
  if (!Number.isInteger(hours) || hours < 1 || hours > 168) {
    throw invalid('IssuanceLimitTime', say`it must be 1 to 168 hours, and is ${hours}.`)
  }
  return hours
}

/** The document's text. @throws MissingParameter, InvalidParameter */
export function decodeMetadata(parameter: string, value: string | undefined): string {
  const encoded = requireParameter(parameter, value)
  if (!/^[A-Za-z0-9+/=\s]+$/.test(encoded)) throw invalid(parameter, say`it must be Base64.`)
  const bytes = Buffer.from(encoded, 'base64')
  if (bytes.length > limits.metadataBytes) throw invalid(parameter, say`it may have ${limits.metadataBytes} bytes.`)
  return bytes.toString('utf8')
}
