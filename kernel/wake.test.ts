import { EventEmitter } from 'node:events'
import type pg from 'pg'
import { expect, test } from 'vitest'
import { silentLog } from './log.ts'
import { listenForWakes } from './wake.ts'

class FakeClient extends EventEmitter {
  releases = 0
  readonly #listen: () => Promise<void>
  constructor(listen: () => Promise<void>) {
    super()
    this.#listen = listen
  }
  query(): Promise<void> {
    return this.#listen()
  }
  release(): void {
    this.releases += 1
  }
}

/** A pool whose connections begin to listen as told, one after the other; the last way goes for all others. */
function fakePool(...ways: (() => Promise<void>)[]) {
  const clients: FakeClient[] = []
  const connect = async () => {
    const client = new FakeClient(ways[Math.min(clients.length, ways.length - 1)]!)
    clients.push(client)
    return client
  }
  return { clients, pool: { connect } as unknown as pg.Pool }
}

const works = async (): Promise<void> => {}
const turn = (ms = 0) => new Promise((wake) => setTimeout(wake, ms))
const releasesOf = (clients: FakeClient[]) => clients.map((client) => client.releases)

test('a lost connection is replaced once, and then listeners are called', async () => {
  const { clients, pool } = fakePool(works)
  const wakes = await listenForWakes(pool, silentLog)
  let calls = 0
  wakes.on('a', () => (calls += 1))
  clients[0]!.emit('error', new Error('lost'))
  clients[0]!.emit('error', new Error('lost, said again'))
  await turn()
  expect(releasesOf(clients)).toEqual([1, 0])
  expect(calls).toBe(1)
  clients[1]!.emit('notification', { payload: 'a' })
  expect(calls).toBe(2)
  await wakes.close()
  expect(releasesOf(clients)).toEqual([1, 1])
})

test('a connection that is lost while it begins to listen is given back, and replaced once', async () => {
  const isLost = async (): Promise<void> => {
    clients.at(-1)!.emit('error', new Error('lost'))
    throw new Error('lost')
  }
  const { clients, pool } = fakePool(works, isLost, works)
  const wakes = await listenForWakes(pool, silentLog)
  clients[0]!.emit('error', new Error('lost'))
  await turn(700)
  expect(releasesOf(clients)).toEqual([1, 1, 0])
  await wakes.close()
})

test('closing while a connection is being opened gives that one back too, or the pool would never end', async () => {
  let listens = (): void => {}
  const { clients, pool } = fakePool(works, () => new Promise((done) => (listens = done)))
  const wakes = await listenForWakes(pool, silentLog)
  clients[0]!.emit('error', new Error('lost'))
  await turn()
  await wakes.close()
  listens()
  await turn()
  expect(releasesOf(clients)).toEqual([1, 1])
})
