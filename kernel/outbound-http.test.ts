import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createOutboundHttp, isPublic } from './outbound-http.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

async function listen(answer: RequestListener): Promise<number> {
  const server = createServer(answer)
  servers.push(server)
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return (server.address() as AddressInfo).port
}

const limits = { timeoutMs: 2_000, maxAnswerBytes: 100 }

test.each([
  'http://127.0.0.1/',
  'http://127.1/',
  'http://0x7f000001/',
  'http://2130706433/',
  'http://0/',
  'http://localhost/',
  'http://10.1.2.3/',
  'http://172.31.0.1/',
  'http://192.168.1.1/',
  'http://100.100.100.200/latest/meta-data',
  'http://169.254.169.254/latest/meta-data',
  'http://[::1]/',
  'http://[::]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:7f00:1]/',
  'http://[::127.0.0.1]/',
  'http://[64:ff9b::7f00:1]/',
  'http://[2002:7f00:1::]/',
  'http://[2001:0:7f00:1::]/',
  'http://[fe80::1]/',
  'http://[fd00::1]/',
  'http://[ff02::1]/',
  'http://224.0.0.1/',
  'http://255.255.255.255/',
])('%s may not be called', async (url) => {
  const outbound = createOutboundHttp()
  await expect(outbound.request({ url, method: 'GET', ...limits })).rejects.toMatchObject({ reason: 'forbidden' })
})

test.each(['ftp://8.8.8.8/', 'file:///etc/passwd', 'http://user:secret@8.8.8.8/', 'no url', 'http://'])(
  '%s is no URL that is called',
  async (url) => {
    const outbound = createOutboundHttp()
    await expect(outbound.request({ url, method: 'GET', ...limits })).rejects.toMatchObject({ reason: 'url' })
  },
)

test('public addresses are public', () => {
  expect(['8.8.8.8', '47.88.1.1', '2400:3200::1'].map(isPublic)).toEqual([true, true, true])
})

test('an exception opens an address, or one port of it, and nothing else', async () => {
  const port = await listen((incoming, outgoing) => outgoing.end(`${incoming.headers.host} ${incoming.url}`))
  const url = `http://127.0.0.1:${port}/a?b=c`
  for (const allow of ['127.0.0.1', '127.0.0.0/8', `127.0.0.1:${port}`]) {
    const { status, body } = await createOutboundHttp([allow]).request({ url, method: 'GET', ...limits })
    expect([status, String(body)]).toEqual([200, `127.0.0.1:${port} /a?b=c`])
  }
  for (const allow of ['127.0.0.2', `127.0.0.1:${port === 1 ? 2 : 1}`, '[::1]:80']) {
    const call = createOutboundHttp([allow]).request({ url, method: 'GET', ...limits })
    await expect(call).rejects.toMatchObject({ reason: 'forbidden' })
  }
  expect(() => createOutboundHttp(['example.com'])).toThrow('"example.com"')
})

test('names are resolved before they are judged', async () => {
  const port = await listen((_, outgoing) => outgoing.end('found'))
  const url = `http://localhost:${port}/`
  const { body } = await createOutboundHttp(['127.0.0.1', '::1']).request({ url, method: 'GET', ...limits })
  expect(String(body)).toBe('found')
  const unknown = createOutboundHttp().request({ url: 'http://nothing.invalid/', method: 'GET', ...limits })
  await expect(unknown).rejects.toMatchObject({ reason: 'unreachable' })
})

test('redirects are answers, slow and long answers are errors', async () => {
  const port = await listen((incoming, outgoing) => {
    if (incoming.url === '/redirect') outgoing.writeHead(302, { location: 'http://169.254.169.254/' }).end()
    else if (incoming.url === '/long') outgoing.end('x'.repeat(101))
    else outgoing.write('begun')
  })
  const outbound = createOutboundHttp(['127.0.0.1'])
  const ask = (path: string) =>
    outbound.request({ url: `http://127.0.0.1:${port}${path}`, method: 'GET', timeoutMs: 300, maxAnswerBytes: 100 })
  expect((await ask('/redirect')).status).toBe(302)
  await expect(ask('/long')).rejects.toMatchObject({ reason: 'tooLarge' })
  await expect(ask('/slow')).rejects.toMatchObject({ reason: 'timeout' })
})

test('an answer is read in pieces, up to its limit, and reading ends with its signal', async () => {
  const port = await listen((incoming, outgoing) => {
    if (incoming.url === '/endless') outgoing.write('begun')
    else outgoing.end('x'.repeat(200_000))
  })
  const outbound = createOutboundHttp(['127.0.0.1'])
  const call = { method: 'GET', timeoutMs: 20_000, maxAnswerBytes: 200_000 } as const
  const { status, body } = await outbound.open({ ...call, url: `http://127.0.0.1:${port}/` })
  let size = 0
  for await (const chunk of body) size += chunk.length
  expect([status, size]).toEqual([200, 200_000])
  const ending = new AbortController()
  const endless = await outbound.open({ ...call, url: `http://127.0.0.1:${port}/endless`, signal: ending.signal })
  const reading = (async () => {
    for await (const chunk of endless.body) if (String(chunk) === 'begun') ending.abort()
  })()
  await expect(reading).rejects.toMatchObject({ reason: 'timeout' })
})

test('a name of the installation itself is called where the installation says', async () => {
  const port = await listen((incoming, outgoing) => outgoing.end(`${incoming.headers.host}${incoming.url}`))
  const call = { method: 'GET', via: `127.0.0.1:${port}`, ...limits } as const
  const { body } = await createOutboundHttp().request({ ...call, url: 'https://here.invalid/a?b=c' })
  expect(String(body)).toBe('here.invalid/a?b=c')
})
