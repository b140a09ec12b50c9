import { chmodSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { Log } from '@pileus/kernel/log'

/** Handlers by path, such as `/v1/sync`; each takes and gives one JSON document. `signal` is aborted when the caller goes. */
export type ControlHandlers = Readonly<Record<string, (body: unknown, signal: AbortSignal) => Promise<unknown>>>

const maxBodyBytes = 64 * 1024 * 1024

/** Serves agents and the command line on a Unix socket that only this user can open (a named pipe on Windows). */
export async function listenForControl(socketPath: string, handlers: ControlHandlers, log: Log): Promise<Server> {
  const server = createServer((request, response) => {
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    answer(request, handlers, gone.signal).then(
      ({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' })
        response.end(JSON.stringify(body))
      },
      (error) => {
        log.error({ err: error, path: request.url }, 'a control request failed')
        response.writeHead(500, { 'content-type': 'application/json' })
        response.end(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }))
      },
    )
  })
  server.requestTimeout = 0
  if (process.platform !== 'win32') rmSync(socketPath, { force: true })
  await new Promise<void>((done, fail) => server.once('error', fail).listen(socketPath, () => done()))
  if (process.platform !== 'win32') chmodSync(socketPath, 0o600)
  return server
}

async function answer(
  request: IncomingMessage,
  handlers: ControlHandlers,
  signal: AbortSignal,
): Promise<{ status: number; body: unknown }> {
  const handler = Object.hasOwn(handlers, request.url ?? '') ? handlers[request.url ?? ''] : undefined
  if (!handler || request.method !== 'POST') return { status: 404, body: { error: `no handler for ${request.url}` } }
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBodyBytes)
      return { status: 413, body: { error: `a control request holds ${maxBodyBytes} bytes at most` } }
    chunks.push(chunk)
  }
  const body = size === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString('utf8'))
  return { status: 200, body: await handler(body, signal) }
}
