import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Log } from '@pileus/kernel/log'
import { deferContinue, sendContinue } from './expect-continue.ts'
import type { HttpRequest } from './http-request.ts'
import type { ObjectListener } from './oss/listener.ts'
import type { Pipeline } from './pipeline.ts'
import { httpLimits } from './proxy/http-limits.ts'

/** Largest body of a management call, in bytes. */
export const maxBodyBytes = 8 * 1024 * 1024

/**
 * Answers management calls: reads the whole request, runs the pipeline, writes the answer. What belongs to object
 * storage goes there untouched, because its bodies stream.
 */
export function createRequestListener(pipeline: Pipeline, log: Log, objects?: ObjectListener): RequestListener {
  return (incoming, outgoing) => {
    const answered = objects?.claims(incoming)
      ? objects.answer(incoming, outgoing)
      : handle(pipeline, incoming, outgoing)
    answered.catch((error) => {
      log.error({ err: error }, 'answering a request failed')
      if (outgoing.headersSent) outgoing.destroy()
      else outgoing.writeHead(500).end()
    })
  }
}

/** A server without a request listener: it is given to `attachForwardProxy`. */
export function createHttpServer(): Server {
  const server = createServer(httpLimits)
  server.on('clientError', refuseMalformed)
  deferContinue(server)
  return server
}

/** Answers what Node's parser refuses, in the vendor's envelope. */
export function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const tooLarge = error.code === 'HPE_HEADER_OVERFLOW'
  const status = tooLarge ? '431 Request Header Fields Too Large' : '400 Bad Request'
  const body = JSON.stringify({
    RequestId: '',
    HostId: '',
    Code: 'InvalidRequest',
    Message: tooLarge ? 'The request line and headers are too large.' : 'The HTTP request is not valid.',
    Recommend: '',
  })
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json;charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}

async function handle(pipeline: Pipeline, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const body = await readBody(incoming)
  if (body === 'aborted') return
  if (body === 'tooLarge') {
    outgoing.shouldKeepAlive = false
    send(outgoing, 413, 'application/json;charset=utf-8', tooLargeBody, '')
    return
  }
  const answer = await pipeline(httpRequestOf(incoming, body))
  send(outgoing, answer.status, answer.contentType, answer.body, answer.requestId)
}

const tooLargeBody = JSON.stringify({
  RequestId: '',
  HostId: '',
  Code: 'RequestEntityTooLarge',
  Message: `The request body is larger than ${maxBodyBytes} bytes.`,
  Recommend: '',
})

function send(outgoing: ServerResponse, status: number, contentType: string, body: string, requestId: string): void {
  // As a flat list Node writes the headers out directly, without an object for each.
  outgoing.writeHead(status, [
    'content-type',
    contentType,
    'content-length',
    String(Buffer.byteLength(body)),
    'x-acs-request-id',
    requestId,
  ])
  outgoing.end(body)
}

function httpRequestOf(incoming: IncomingMessage, body: Buffer): HttpRequest {
  const target = incoming.url ?? '/'
  const question = target.indexOf('?')
  return {
    method: incoming.method ?? 'GET',
    path: question === -1 ? target || '/' : target.slice(0, question) || '/',
    query: question === -1 ? '' : target.slice(question + 1),
    headers: incoming.headers,
    body,
    sourceIp: incoming.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '',
    secureTransport: 'encrypted' in incoming.socket,
  }
}

const empty = Buffer.alloc(0)

function readBody(incoming: IncomingMessage): Buffer | Promise<Buffer | 'aborted' | 'tooLarge'> {
  const { headers } = incoming
  if (headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0') {
    incoming.resume()
    return empty
  }
  sendContinue(incoming)
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > maxBodyBytes) {
        incoming.removeAllListeners('data')
        incoming.resume()
        resolve('tooLarge')
      } else {
        chunks.push(chunk)
      }
    })
    incoming.on('end', () => resolve(Buffer.concat(chunks)))
    incoming.on('error', () => resolve('aborted'))
    incoming.on('close', () => resolve('aborted'))
  })
}
