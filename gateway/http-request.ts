import type { IncomingHttpHeaders } from 'node:http'

/** One HTTP request, read completely. */
export interface HttpRequest {
  method: string
  /** Before the `?`, still encoded. */
  path: string
  /** After the `?`, still encoded; empty when there is none. */
  query: string
  /** Names in lower case. */
  headers: IncomingHttpHeaders
  body: Buffer
  sourceIp: string
  secureTransport: boolean
}

export interface HttpAnswer {
  status: number
  contentType: string
  body: string
}

/** First value of a header, or undefined. */
export function headerOf(request: HttpRequest, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value
}

/** Whether the body, if there is one, holds parameters. */
export function isForm(request: HttpRequest): boolean {
  return (headerOf(request, 'content-type') ?? '').toLowerCase().startsWith('application/x-www-form-urlencoded')
}
