import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { OvsdbClient, OvsdbTransactionError, OvsdbUnavailableError } from './client.ts'
import { CoalescingWriter } from './coalescing-writer.ts'
import { JsonRpcConnection, JsonRpcLostError } from './json-rpc.ts'
import { Operations } from './operations.ts'
import { Replica } from './replica.ts'
import { atom, setOf } from './schema.ts'

const shape = { Thing: { name: atom('string'), tags: setOf('string') } } as const
const build = new Operations(shape)
const schema = {
  name: 'Test',
  version: '1.0.0',
  tables: {
    Thing: {
      isRoot: true,
      indexes: [['name']],
      columns: {
        name: { type: 'string' },
        tags: { type: { key: 'string', min: 0, max: 'unlimited' } },
      },
    },
  },
}

const server = '/usr/sbin/ovsdb-server'
const obstacle = existsSync(server) ? undefined : 'needs Debian package openvswitch-common'
if (obstacle) console.warn(`OVSDB client tests on a real server are skipped: ${obstacle}`)

describe.skipIf(obstacle !== undefined)('a client of a real server', () => {
  // Longer than the address of a Unix socket may be.
  const dir = join(mkdtempSync(join(tmpdir(), 'ovsdb-')), 'd'.repeat(60), 'e'.repeat(60))
  const address = `unix:${dir}/test.sock`
  let stop: () => Promise<void>

  async function start(): Promise<() => Promise<void>> {
    const process = spawn(
      server,
      [`--remote=punix:${dir}/test.sock`, '--no-chdir', '-vconsole:off', `${dir}/test.db`],
      {
        stdio: 'ignore',
        env: { OVS_RUNDIR: dir },
      },
    )
    const exited = once(process, 'exit')
    const deadline = Date.now() + 5000
    while (!existsSync(`${dir}/test.sock`) && Date.now() < deadline) await sleep(10)
    return async () => {
      process.kill('SIGKILL')
      await exited
      rmSync(`${dir}/test.sock`, { force: true })
    }
  }

  function open() {
    const replica = new Replica(shape, { Thing: (row) => row.name })
    const client = new OvsdbClient({ address, database: 'Test', replica })
    return { replica, client, things: replica.table('Thing') }
  }

  beforeAll(async () => {
    mkdirSync(dir, { recursive: true })
    writeFileSync(`${dir}/schema`, JSON.stringify(schema))
    execFileSync('ovsdb-tool', ['create', `${dir}/test.db`, `${dir}/schema`])
    stop = await start()
  })

  afterAll(async () => {
    await stop()
    rmSync(dir, { recursive: true, force: true })
  })

  test('sees its own writes when they return, and those of others', async () => {
    const [one, two] = [open(), open()]
    await two.client.ready()
    const [result] = await one.client.transact('adding', [build.insert('Thing', { name: 'a', tags: new Set(['x']) })])
    expect(one.things.get(result!.uuid!)).toEqual({ name: 'a', tags: new Set(['x']) })
    expect(await two.replica.until(() => two.things.find('a').size === 1, 5000)).toBe(true)
    await two.client.transact('tagging', [build.add('Thing', result!.uuid!, 'tags', new Set(['y']))])
    expect(await one.replica.until(() => one.things.get(result!.uuid!)?.tags.size === 2, 5000)).toBe(true)
    one.client.close()
    two.client.close()
  })

  test('a refused transaction says what was being done and why, and writes nothing', async () => {
    const { client, things } = open()
    const twice = [build.insert('Thing', { name: 'once' }), build.insert('Thing', { name: 'once' })]
    const refused = client.transact('adding a thing twice', twice)
    await expect(refused).rejects.toThrow(OvsdbTransactionError)
    await expect(refused).rejects.toThrow(/^adding a thing twice: constraint violation/)
    expect(things.find('once').size).toBe(0)
    client.close()
  })

  test('writes that arrive together share transactions, and one that is refused does not spoil the others', async () => {
    const { client, things } = open()
    let commits = 0
    const writer = new CoalescingWriter(client, async (run) => {
      commits += 1
      return await run()
    })
    const ensure = (name: string) =>
      writer.write(`ensuring ${name}`, () => (things.find(name).size ? [] : [build.insert('Thing', { name })]))
    await Promise.all([...Array(50).keys()].map((n) => ensure(`many-${n}`)))
    expect(commits).toBe(1)
    expect([...things.keys()].filter((key) => key.startsWith('many-'))).toHaveLength(50)

    const results = await Promise.allSettled([
      ensure('good'),
      writer.write('a bad one', () => [build.insert('Thing', { name: 'many-1' })]),
      writer.write('a broken plan', () => {
        throw new Error('cannot plan')
      }),
      // Planned from the same replica as the first, so both insert at first.
      ensure('good'),
    ])
    expect(results.map((each) => each.status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled'])
    expect(things.find('good').size).toBe(1)
    client.close()
  })

  test('goes on after the server was away, with what changed meanwhile', async () => {
    const { client, things, replica } = open()
    await client.ready()
    await stop()
    expect(await replica.until(() => false, 100)).toBe(false)
    expect(client.connected).toBe(false)
    stop = await start()
    const other = open()
    await other.client.transact('adding', [build.insert('Thing', { name: 'meanwhile' })])
    expect(await replica.until(() => things.find('meanwhile').size === 1, 10_000)).toBe(true)
    await client.transact('adding', [build.insert('Thing', { name: 'after' })])
    expect(things.find('after').size).toBe(1)
    client.close()
    other.client.close()
  })
})

test('a database that nobody serves is unavailable after the time given', async () => {
  const client = new OvsdbClient({
    address: 'unix:/nonexistent/db.sock',
    database: 'Test',
    replica: new Replica(shape),
  })
  await expect(client.ready(100)).rejects.toThrow(OvsdbUnavailableError)
  client.close()
})

describe('a connection', () => {
  async function serve(answer: (data: Buffer, write: (text: string) => void, end: () => void) => void) {
    const listener: Server = createServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', (data) =>
        answer(
          data,
          (text) => socket.write(text),
          () => socket.destroy(),
        ),
      )
    })
    listener.listen(0, '127.0.0.1')
    await once(listener, 'listening')
    const { port } = listener.address() as { port: number }
    return { address: `tcp:127.0.0.1:${port}`, [Symbol.dispose]: () => listener.close() }
  }

  test('answers echoes of the peer', async () => {
    const heard: string[] = []
    using peer = await serve((data, write) => {
      heard.push(data.toString())
      if (heard.length === 1) write('{"id":"echo","method":"echo","params":["x"]}')
      else write('{"id":1,"result":"done","error":null}')
    })
    const connection = await JsonRpcConnection.open(peer.address)
    expect(await connection.call('anything', [])).toBe('done')
    expect(JSON.parse(heard[1]!)).toEqual({ id: 'echo', result: ['x'], error: null })
    connection.close()
  })

  test('a call fails when the peer leaves, stays silent, or talks nonsense', async () => {
    using leaves = await serve((_data, _write, end) => end())
    using silent = await serve(() => {})
    using nonsense = await serve((_data, write) => write('HTTP/1.1 400 Bad Request'))
    for (const peer of [leaves, silent, nonsense]) {
      const connection = await JsonRpcConnection.open(peer.address)
      await expect(connection.call('anything', [], 200)).rejects.toThrow(JsonRpcLostError)
      connection.close()
    }
  })

  test('ends when a silent peer does not answer its probe', async () => {
    using silent = await serve(() => {})
    const ended = new Promise<Error>((resolve) => {
      void JsonRpcConnection.open(silent.address, { probeIntervalMs: 50, onClose: resolve })
    })
    expect((await ended).message).toMatch(/no answer within 50 ms/)
  })
})
