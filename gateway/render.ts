import { completeResponse, encodeJson, encodeXml } from '@pileus/contract/encode'
import { ApiError, apiError, commonErrors } from '@pileus/kernel/errors'
import type { Translator } from '@pileus/kernel/messages/translator'
import type { Exchange } from './exchange.ts'
import { type HttpAnswer, headerOf } from './http-request.ts'

const contentTypes = { json: 'application/json;charset=utf-8', xml: 'text/xml;charset=utf-8' } as const

/** The successful answer in the format the caller asked for. */
export function renderResponse(exchange: Exchange): HttpAnswer {
  const { meta, requestId, format } = exchange
  if (!meta) throw new Error('renderResponse comes after resolve')
  const value = completeResponse(meta, { RequestId: requestId, ...(exchange.response as object) })
  const body = format === 'json' ? encodeJson(meta, value) : encodeXml(`${meta.name}Response`, value)
  return { status: 200, contentType: contentTypes[format], body }
}

/** The error as the vendor's envelope. What is not an `ApiError` is a bug, and tells the customer nothing else. */
export function renderError(
  exchange: Exchange,
  thrown: unknown,
  translator: Translator,
): { answer: HttpAnswer; error: ApiError } {
  const { requestId, format, http } = exchange
  const error =
    thrown instanceof ApiError ? thrown : apiError(commonErrors.InternalError, { requestId }, { cause: thrown })
  const envelope = {
    RequestId: requestId,
    HostId: headerOf(http, 'host') ?? '',
    Code: error.code,
    Message: translator.translate(error.text, exchange.language),
    // Clients insist on a string; there is no page to send people to.
    Recommend: '',
    ...(error.accessDenied ? { AccessDeniedDetail: error.accessDenied } : {}),
  }
  const body = format === 'json' ? JSON.stringify(envelope) : encodeXml('Error', envelope)
  return { answer: { status: error.httpStatus, contentType: contentTypes[format], body }, error }
}
