/**
 * Puts, gets and lists objects over kept-alive connections as fast as answers come, in a process of its own.
 *
 * Each line of input is an `ObjectJob` as JSON. Requests are signed before it says `ready`; it runs when told `go`,
 * and prints `ObjectJobResult` as JSON.
 */
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { AnswerReader } from '../framework/answer-reader.ts'
import type { ObjectJob, ObjectJobResult, ObjectWork } from '../framework/object-load.ts'
import { createSigner, type ObjectCall } from '../framework/object-targets.ts'

interface Prepared {
  head: Buffer
  putBytes: number
  /** What a good answer's body has, if it is known. */
  bodyBytes: number | undefined
}

const sliceBytes = 1024 * 1024
/** Bodies are cut from here; incompressible. */
const content = randomBytes(sliceBytes)

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
for (;;) {
  const line = await lines.next()
  if (line.done) break
  const job = JSON.parse(line.value) as ObjectJob
  const sign = createSigner(job.target)
  const prepared = callsOf(job.work).map((call): Prepared => {
    const bodyBytes = call.kind === 'get' && 'bytes' in job.work ? job.work.bytes : undefined
    return { head: sign(call), putBytes: call.kind === 'put' ? call.bytes : 0, bodyBytes }
  })
  console.log('ready')
  await lines.next()
  console.log(JSON.stringify(await run(job, prepared)))
}

function callsOf(work: ObjectWork): ObjectCall[] {
  const many = (count: number, one: (i: number) => ObjectCall): ObjectCall[] =>
    Array.from({ length: count }, (_, i) => one(i))
  switch (work.kind) {
    case 'put':
      return many(work.count, (i) => ({ kind: 'put', key: `${work.prefix}${i}`, bytes: work.bytes }))
    case 'get':
      return shuffled(many(work.count, (i) => ({ kind: 'get', key: `${work.prefix}${i}` })))
    case 'mixed':
      // Seven reads to three writes; writes go to keys of their own.
      return many(work.count, (i) =>
        i % 10 < 7
          ? { kind: 'get', key: `${work.prefix}${(i * 7919) % work.keys}` }
          : { kind: 'put', key: `${work.prefix}new-${work.round}-${i}`, bytes: work.bytes },
      )
    case 'list': {
      const { prefixes, ...shape } = work
      return prefixes.map((prefix) => ({ ...shape, prefix }))
    }
    case 'makeBucket':
      return [{ kind: 'makeBucket' }]
  }
}

/** The same disorder each time. */
function shuffled<T>(items: T[]): T[] {
  let state = 1
  for (let i = items.length - 1; i > 0; i -= 1) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    const j = state % (i + 1)
    ;[items[i], items[j]] = [items[j]!, items[i]!]
  }
  return items
}

async function run(job: ObjectJob, requests: readonly Prepared[]): Promise<ObjectJobResult> {
  const result = { answered: 0, failed: 0, firstFailure: '', wrapped: false, seconds: 0, cpuSeconds: 0 }
  let next = 0
  const startedMs = performance.now()
  const untilMs = job.seconds === undefined ? Number.POSITIVE_INFINITY : startedMs + job.seconds * 1000
  const cpuBefore = process.cpuUsage()
  const isOver = (): boolean => performance.now() >= untilMs || (job.seconds === undefined && next >= requests.length)

  const lane = (): Promise<void> =>
    new Promise((done, fail) => {
      let current: Prepared | undefined
      let isEnding = false
      const reader = new AnswerReader((answer) => {
        const expected = current!.bodyBytes
        if (answer.status < 200 || answer.status > 299 || (expected !== undefined && answer.bodyBytes !== expected)) {
          result.failed += 1
          result.firstFailure ||= `${answer.status}, ${answer.bodyBytes} bytes: ${answer.start.slice(0, 400)}`
        } else result.answered += 1
        send()
      })
      const open = () => {
        const socket = connect({ port: job.target.port, host: '127.0.0.1' })
        socket.setNoDelay(true)
        socket.on('data', (data: Buffer) => reader.take(data))
        socket.on('error', fail)
        socket.on('close', () => {
          if (!isEnding) fail(new Error('the server closed a kept-alive connection'))
        })
        return socket
      }
      const socket = open()
      const writeBody = (left: number): void => {
        while (left > 0) {
          const slice = left >= sliceBytes ? content : content.subarray(0, left)
          left -= slice.length
          const isRoomy = socket.write(slice)
          if (isRoomy || left === 0) continue
          socket.once('drain', () => writeBody(left))
          return
        }
      }
      const send = (): void => {
        if (isOver()) {
          isEnding = true
          socket.end()
          done()
          return
        }
        if (next >= requests.length) result.wrapped = true
        current = requests[next++ % requests.length]!
        if (current.putBytes > 0 && current.putBytes <= 65_536) {
          socket.write(Buffer.concat([current.head, content.subarray(0, current.putBytes)]))
        } else {
          socket.write(current.head)
          writeBody(current.putBytes)
        }
      }
      socket.once('connect', send)
    })

  await Promise.all(Array.from({ length: job.connections }, lane))
  result.seconds = (performance.now() - startedMs) / 1000
  const cpu = process.cpuUsage(cpuBefore)
  result.cpuSeconds = (cpu.user + cpu.system) / 1e6
  return result
}
