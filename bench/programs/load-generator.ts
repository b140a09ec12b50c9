/**
 * Sends prepared requests over kept-alive connections as fast as answers come, in a process of its own.
 *
 * Each line of input is one job (`LoadJob` as JSON); for each it signs as many requests as could be needed, says
 * `ready`, waits for the line `go`, runs for the time asked, and prints `LoadResult` as JSON. Signing is before `go`,
 * so that a measurement holds the server's work and the least that a client can do.
 */
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import type { LoadJob, LoadResult } from '../framework/load.ts'
import { prepareRequests } from '../framework/prepared-requests.ts'

const endOfHead = Buffer.from('\r\n\r\n')

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
for (;;) {
  const line = await lines.next()
  if (line.done) break
  const job = JSON.parse(line.value) as LoadJob
  const requests = prepareRequests(job)
  console.log('ready')
  await lines.next()
  console.log(JSON.stringify(await run(job, requests)))
}

async function run(job: LoadJob, requests: readonly Buffer[]): Promise<LoadResult> {
  let next = 0
  let answered = 0
  let failed = 0
  let ranOut = false
  let firstFailure = ''
  const startedMs = performance.now()
  const untilMs = startedMs + job.seconds * 1_000
  const cpuBefore = process.cpuUsage()

  const lane = (): Promise<void> =>
    new Promise((done, fail) => {
      let socket = open()
      let received: Buffer = Buffer.alloc(0)

      function send(): void {
        if (performance.now() >= untilMs || next >= requests.length) {
          ranOut ||= next >= requests.length
          socket.removeAllListeners('close')
          socket.end()
          done()
          return
        }
        socket.write(requests[next++ % requests.length]!)
      }

      function open() {
        const made = connect({ port: job.port, host: '127.0.0.1' }, send)
        made.setNoDelay(true)
        made.on('data', (data: Buffer) => {
          received = received.length === 0 ? data : Buffer.concat([received, data])
          const size = answerSize(received)
          if (size === undefined || received.length < size) return
          if (isSuccess(received)) answered += 1
          else {
            failed += 1
            firstFailure ||= received.toString('latin1', 0, 600)
          }
          const closes = closesAfter(received)
          received = received.subarray(size)
          if (!closes) send()
        })
        made.on('error', fail)
        // Some servers close after each answer; that is their way of answering, so it counts.
        made.on('close', () => {
          received = Buffer.alloc(0)
          socket = open()
        })
        return made
      }
    })

  await Promise.all(Array.from({ length: job.connections }, lane))
  const seconds = (performance.now() - startedMs) / 1_000
  const cpu = process.cpuUsage(cpuBefore)
  return { answered, failed, firstFailure, ranOut, seconds, cpuSeconds: (cpu.user + cpu.system) / 1e6 }
}

/** Bytes of the first answer, once its head is there. @throws Error when it does not tell its length */
function answerSize(received: Buffer): number | undefined {
  const head = received.indexOf(endOfHead)
  if (head === -1) return undefined
  const length = /\r\ncontent-length: *(\d+)/i.exec(received.toString('latin1', 0, head))?.[1]
  if (length === undefined) throw new Error('an answer without content-length')
  return head + 4 + Number(length)
}

function isSuccess(answer: Buffer): boolean {
  // "HTTP/1.1 200"
  return answer[9] === 0x32 && answer[10] === 0x30 && answer[11] === 0x30
}

function closesAfter(answer: Buffer): boolean {
  const head = answer.toString('latin1', 0, answer.indexOf(endOfHead))
  return /\r\nconnection: *close/i.test(head)
}
