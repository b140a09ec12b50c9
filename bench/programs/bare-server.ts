/** The peer: a bare Node http server that reads each request to its end and answers fixed bytes. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const body = Buffer.from(process.argv[2] ?? '', 'base64')
const server = createServer((incoming, outgoing) => {
  incoming.resume()
  outgoing.writeHead(200, {
    'x-acs-request-id': 'B0B0B0B0-0000-4000-8000-B0B0B0B0B0B0',
    'content-type': 'application/json;charset=utf-8',
    'content-length': body.length,
  })
  outgoing.end(body)
})
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port))
