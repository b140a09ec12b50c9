import { apiError } from '@pileus/kernel/errors'
import { gatewayErrors } from '../errors.ts'
import type { Exchange } from '../exchange.ts'
import { headerOf, isForm } from '../http-request.ts'
import { parsePairs } from '../protocols/percent.ts'

/** Reads parameters from query and form, and sees which signature scheme the request uses. */
export function parse(exchange: Exchange): void {
  const { http } = exchange
  const query = new Map<string, string>()
  parsePairs(http.query, query, 'query string')
  const parameters = new Map(query)
  if (http.body.length > 0 && isForm(http)) parsePairs(readForm(http.body), parameters, 'form')
  exchange.query = query
  exchange.parameters = parameters
  exchange.format = parameters.get('Format')?.toLowerCase() === 'xml' ? 'xml' : 'json'
  exchange.language = parameters.get('AcceptLanguage') ?? parameters.get('Lang') ?? exchange.language
  exchange.protocol = protocolOf(headerOf(http, 'authorization'), parameters)
}

function protocolOf(authorization: string | undefined, parameters: ReadonlyMap<string, string>): Exchange['protocol'] {
  if (authorization?.startsWith('ACS3-')) return 'acs3'
  if (authorization?.startsWith('acs ')) return 'roa-v1'
  if (parameters.has('Signature') || parameters.has('AccessKeyId')) return 'rpc-v1'
  return 'unsigned'
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function readForm(body: Buffer): string {
  try {
    return utf8.decode(body)
  } catch {
    throw apiError(gatewayErrors['InvalidParameter.Encoding'], { part: 'form' })
  }
}
