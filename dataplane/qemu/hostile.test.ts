/** What a guest, or a QEMU it has taken over, may send: nothing of it may crash or hang the agent. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { GuestAgentClient, GuestRefusedError } from './guest-agent.ts'
import { LineSplitter } from './message-socket.ts'
import { QmpClient, QmpError } from './qmp-client.ts'

let directory: string
let path: string
let server: Server
const sockets: Socket[] = []

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'pileus-hostile-'))
  path = join(directory, 'peer.sock')
})
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
  server.close()
  rmSync(directory, { recursive: true, force: true })
})

type Request = { execute: string; id?: number; arguments?: Record<string, unknown> }

/** Listens at `path`; `answer` gives what is sent for each request, `greeting` is sent first. */
async function listen(answer: (request: Request) => unknown, greeting?: string): Promise<void> {
  server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    if (greeting) socket.write(greeting)
    const lines = new LineSplitter(1 << 20)
    socket.on('data', (chunk: Buffer) => {
      for (const line of lines.push(chunk)) {
        const text = line.subarray(line.lastIndexOf(0xff) + 1).toString('utf8')
        const reply = answer(JSON.parse(text) as Request)
        if (reply === undefined) continue
        socket.write(typeof reply === 'string' || Buffer.isBuffer(reply) ? reply : `${JSON.stringify(reply)}\n`)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
}

const greeting = `${JSON.stringify({ QMP: { version: {}, capabilities: [] } })}\n`
const ok = (request: Request) => ({ return: {}, id: request.id })

describe('the monitor', () => {
  test.each([
    ['says nothing', undefined],
    ['does not speak JSON', 'hello\n'],
    ['sends a bare value', '[1]\n'],
    ['sends a line without an end', 'x'.repeat(2 << 20)],
  ])('a peer that %s is given up', async (_name, first) => {
    await listen(() => undefined, first)
    await expect(QmpClient.connect(path, { timeoutMs: 200 })).rejects.toThrow(Error)
  })

  test('a command that is refused, unanswered or cut off fails with its name', async () => {
    await listen((request) => {
      if (request.execute === 'qmp_capabilities') return ok(request)
      if (request.execute === 'refused') return { id: request.id, error: { class: 'GenericError', desc: 'no' } }
      if (request.execute === 'cut') return void sockets[0]?.destroy()
      return { id: 'another', return: {} }
    }, greeting)
    let closed = 0
    const client = await QmpClient.connect(path, { timeoutMs: 200, onClose: () => (closed += 1) })
    await expect(client.execute('refused')).rejects.toThrow(QmpError)
    await expect(client.execute('unanswered')).rejects.toThrow('QEMU did not answer unanswered in 200 ms')
    await expect(client.execute('cut')).rejects.toThrow('the monitor connection was lost')
    await expect(client.execute('late')).rejects.toThrow('closed')
    expect(closed).toBe(1)
  })

  test('odd answers and events are told apart from good ones', async () => {
    const events: string[] = []
    await listen((request) => {
      if (request.execute === 'qmp_capabilities') return ok(request)
      const event = `${JSON.stringify({ event: 'STOP', data: 7 })}\n`
      return `${event}${JSON.stringify({ id: request.id, return: 7 })}\n`
    }, greeting)
    const client = await QmpClient.connect(path, { timeoutMs: 500, onEvent: (event) => events.push(event.name) })
    await expect(client.getRunState()).rejects.toThrow('gave no status')
    await expect(client.isPortOpen('ga')).rejects.toThrow('gave no list')
    await expect(client.takeRing('console', 16)).rejects.toThrow('gave no console data')
    expect(events).toEqual(['STOP', 'STOP', 'STOP'])
    client.close()
  })
})

describe('the guest', () => {
  const sync = (request: Request) =>
    request.execute === 'guest-sync-delimited' ? { return: request.arguments?.['id'] } : undefined
  const connect = (timeoutMs = 200) => GuestAgentClient.connect(path, () => {}, timeoutMs)

  test.each([
    ['never answers', () => undefined],
    ['answers another sync', () => ({ return: 0 })],
    ['floods', () => 'x'.repeat(2 << 20)],
    ['sends no JSON', () => '{"return"\n'],
  ])('one that %s is given up', async (_name, answer) => {
    await listen(answer)
    await expect(connect()).rejects.toThrow(Error)
  })

  test('what an earlier client left unread is passed over', async () => {
    await listen((request) => {
      const answer = Buffer.from(`${JSON.stringify(sync(request) ?? { return: {} })}\n`)
      return Buffer.concat([Buffer.from('{"return": "old"}\n{"half'), Buffer.from([0xff]), answer])
    })
    const client = await connect()
    expect(client.closed).toBe(false)
    client.close()
  })

  test.each<[string, (request: Request) => unknown, string]>([
    ['gives no process id', () => ({ return: { pid: 'one' } }), 'guest-exec gave no process id'],
    ['gives neither result nor error', () => ({}), 'neither a result nor an error'],
    ['falls silent', () => undefined, 'did not answer guest-exec'],
    ['gives no status', (r) => ({ return: r.execute === 'guest-exec' ? { pid: 1 } : 1 }), 'gave no status'],
    ['never ends', (r) => ({ return: r.execute === 'guest-exec' ? { pid: 1 } : { exited: false } }), 'did not end in'],
  ])('one that %s fails the call', async (_name, answer, message) => {
    await listen((request) => sync(request) ?? answer(request))
    const client = await connect()
    await expect(client.exec({ path: '/bin/sh', args: [], timeoutMs: 50 })).rejects.toThrow(message)
    client.close()
  })

  test('one that refuses says why, in few words, and can be asked again', async () => {
    await listen((request) => sync(request) ?? { error: { class: 'GenericError', desc: 'no '.repeat(1000) } })
    const client = await connect()
    const refusal = await client.exec({ path: '/bin/sh', args: [], timeoutMs: 50 }).catch((error: Error) => error)
    expect(refusal).toBeInstanceOf(GuestRefusedError)
    expect((refusal as Error).message.length).toBeLessThan(400)
    expect(client.closed).toBe(false)
    client.close()
  })

  test('output that is no base64 is no reason to fail', async () => {
    await listen(
      (request) =>
        sync(request) ?? {
          return: request.execute === 'guest-exec' ? { pid: 1 } : { exited: true, exitcode: 'x', 'out-data': 7 },
        },
    )
    const client = await connect()
    expect(await client.exec({ path: '/bin/sh', args: [], timeoutMs: 50 })).toEqual({
      exitCode: undefined,
      stdout: Buffer.alloc(0),
    })
    client.close()
  })
})

test('lines are put together from pieces, and too long ones refused', () => {
  const lines = new LineSplitter(8)
  expect(lines.push(Buffer.from('ab'))).toEqual([])
  expect(lines.push(Buffer.from('c\n\nd')).map(String)).toEqual(['abc', ''])
  expect(() => lines.push(Buffer.from('123456789'))).toThrow(RangeError)
})
