/** A server that keeps what clients send, so that tests can look at it, alter it and send it again. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { HttpRequest } from './http-request.ts'

export interface Capture extends AsyncDisposable {
  /** Such as `http://127.0.0.1:40000`. */
  url: string
  /** Host and port of `url`. */
  host: string
  requests: HttpRequest[]
}

/** Listens on a free loopback port and answers every request with an empty JSON object. */
export async function captureRequests(): Promise<Capture> {
  const requests: HttpRequest[] = []
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const [path = '', query = ''] = (incoming.url ?? '').split(/\?(.*)/s)
    requests.push({
      method: incoming.method ?? '',
      path,
      query,
      headers: incoming.headers,
      body: Buffer.concat(chunks),
      sourceIp: '127.0.0.1',
      secureTransport: false,
    })
    outgoing.writeHead(200, { 'content-type': 'application/json;charset=utf-8' }).end('{}')
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: `http://${host}`,
    host,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}
