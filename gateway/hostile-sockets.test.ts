/** The part of the 100,000 malformed requests that are malformed as HTTP already, over real sockets. */
import { startTestCloud, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { randomFrom } from './hostile-under-test.ts'
import { type RawReply, rawFamilies, sendRaw } from './raw-http-under-test.ts'

const perFamily = 400

let cloud: TestCloud
let port: number
let tlsPort: number
/** Clients that say one byte and then nothing; started first, since the server gives them 20 s. */
let silent: Promise<RawReply>[]
const silentCount = 200

beforeAll(async () => {
  cloud = await startTestCloud()
  port = Number(cloud.endpoint.split(':').at(-1))
  tlsPort = Number(cloud.running.ready.httpsEndpoint.split(':').at(-1))
  silent = Array.from({ length: silentCount }, (_, index) =>
    sendRaw(port, [['G', 'GET / HTTP/1.1\r\nHost: x\r\nX-A', 'CONNECT '][index % 3]!], { patienceMs: 60_000 }),
  )
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

async function expectAlive(): Promise<void> {
  const answer = await cloud.call('Sts', 'GetCallerIdentity')
  expect(answer).toMatchObject({ status: 200, body: { AccountId: cloud.accountId } })
}

function expectNoServerError({ statuses, text }: RawReply, sent: readonly (Buffer | string)[]): void {
  const isWrong = statuses.some((status) => status >= 500 && !(status === 501 && text.includes('Api.NotImplemented')))
  if (isWrong)
    throw new Error(`${statuses} for ${JSON.stringify(String(sent[0]).slice(0, 500))}: ${text.slice(0, 500)}`)
}

describe.each([
  ['http', false, perFamily],
  ['https', true, perFamily / 20],
])('%s', (_, tls, count) => {
  test.each(Object.entries(rawFamilies))(
    `%s: ${count} get no server error, and a server that goes on`,
    async (name, make) => {
      const random = randomFrom(name.length * 7_919 + count)
      const cases = Array.from({ length: count }, () => make(random))
      let answered = 0
      const worker = async (): Promise<void> => {
        for (let next = cases.pop(); next; next = cases.pop()) {
          const reply = await sendRaw(tls ? tlsPort : port, next.pieces, { ending: next.ending, tls })
          expectNoServerError(reply, next.pieces)
          expect(reply.closed, `left waiting: ${JSON.stringify(String(next.pieces[0]).slice(0, 300))}`).toBe(true)
          if (reply.statuses.length > 0) answered += 1
        }
      }
      await Promise.all(Array.from({ length: 24 }, worker))
      if (name !== 'vanishing clients') expect(answered).toBeGreaterThan(count / 3)
      await expectAlive()
    },
  )
})

test('100 requests in one packet get 100 answers, in order', async () => {
  const lines = Array.from({ length: 100 }, (_, index) => {
    const last = index === 99 ? 'Connection: close\r\n' : ''
    return `GET /?Action=Pipelined${index}&Version=2015-04-01 HTTP/1.1\r\nHost: x\r\n${last}\r\n`
  })
  const { text } = await sendRaw(port, [lines.join('')])
  const named = [...text.matchAll(/action \\"Pipelined(\d+)\\"/g)].map((match) => Number(match[1]))
  expect(named).toEqual(Array.from({ length: 100 }, (_, index) => index))
})

test('requests before junk in one packet are answered, and the junk ends the connection', async () => {
  const good = 'GET /?Action=Good&Version=2015-04-01 HTTP/1.1\r\nHost: x\r\n\r\n'
  const { statuses, closed } = await sendRaw(port, [good, good, '\0\0\0junk\r\n\r\n'])
  expect(closed).toBe(true)
  expect(statuses.length).toBeGreaterThan(0)
  expect(statuses.every((status) => status === 404 || status === 400)).toBe(true)
})

test('a body that is too large answers 413 without being read to its end', async () => {
  const start = `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${2 ** 40}\r\n\r\n`
  const { statuses, closed } = await sendRaw(port, [start, Buffer.alloc(9 * 2 ** 20, 'A')], { patienceMs: 5_000 })
  expect(closed).toBe(true)
  // The answer may be lost when the connection closes under a client that goes on sending.
  expect([[413], []]).toContainEqual(statuses)
})

test(`${silentCount} silent clients keep nobody waiting, and are dropped in time`, { timeout: 60_000 }, async () => {
  const startedMs = performance.now()
  await expectAlive()
  expect(performance.now() - startedMs).toBeLessThan(5_000)
  const replies = await Promise.all(silent)
  expect(replies.every(({ closed }) => closed)).toBe(true)
  for (const { statuses } of replies) expect([[], [400], [408]]).toContainEqual(statuses)
})

test('no connection of all these is left', async () => {
  const countSockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
  await cloud.eventually('closing of the sockets', async () => countSockets() < 30)
  expect(countSockets()).toBeLessThan(30)
})
