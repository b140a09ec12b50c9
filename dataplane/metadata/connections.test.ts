import { type AddressInfo, createConnection, createServer, type Server } from 'node:net'
import { silentLog } from '@pileus/kernel/log'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { desiredMachine } from '../agent/testing/fake-control-plane.ts'
import { MetadataService } from './service.ts'
import { TokenMint } from './tokens.ts'

let server: Server
let service: MetadataService
beforeEach(async () => {
  server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  service = new MetadataService({
    tokens: new TokenMint(Buffer.alloc(32, 7)),
    ensurePort: async () => ({ netns: 'n' }),
    removePort: async () => {},
    listPorts: async () => [],
    listen: async () => server,
    findNamespaceInode: () => 1,
    log: silentLog,
    requestTimeoutMs: 300,
  })
  const nic = { id: 'eni-1', mac: '00:16:3e:00:00:01', routerId: 'vpc-1', ip: '127.0.0.1', primary: true }
  service.setMachines([desiredMachine('i-1', 'image', { nics: [nic] })])
  await service.ensure('vpc-1')
})
afterEach(() => service.close())

/** Sends parts, one every 50 ms, and gives what came back and how long the connection lived. */
async function talk(parts: string[]): Promise<{ text: string; lastedMs: number }> {
  const startedMs = performance.now()
  const socket = createConnection((server.address() as AddressInfo).port, '127.0.0.1')
  let text = ''
  socket.on('data', (chunk) => (text += chunk))
  socket.on('error', () => {})
  const closed = new Promise<void>((done) => socket.once('close', () => done()))
  let sent = 0
  const timer = setInterval(() => socket.write(parts[sent++] ?? ''), 50)
  const tooLong = setTimeout(() => socket.destroy(), 3_000)
  await closed
  clearInterval(timer)
  clearTimeout(tooLong)
  return { text, lastedMs: performance.now() - startedMs }
}

test.each([
  ['says nothing', []],
  [
    'says its headers drop by drop',
    ['GET /latest/meta-data/mac HTTP/1.1\r\n', ...Array<string>(100).fill('x-a: b\r\n')],
  ],
])('a guest that %s is cut off', async (_what, parts) => {
  const { text, lastedMs } = await talk(parts)
  expect(lastedMs).toBeLessThan(1_500)
  expect(text).not.toMatch(/^HTTP\/1.1 200/)
})

test('a guest that asks in time may ask again over the same connection', async () => {
  const ask = 'GET /latest/meta-data/instance-id HTTP/1.1\r\nhost: x\r\n\r\n'
  const { text } = await talk([ask, '', '', '', ask, '', '', '', ask])
  expect(text.match(/HTTP\/1.1 200/g)).toHaveLength(3)
})
