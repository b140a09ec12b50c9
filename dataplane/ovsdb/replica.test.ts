import { expect, test } from 'vitest'
import { Operations } from './operations.ts'
import { Replica } from './replica.ts'
import { atom, named, optional, setOf, strings } from './schema.ts'

const shape = {
  Bridge: {
    name: atom('string'),
    ports: setOf('uuid'),
    weight: atom('integer'),
    up: optional('boolean'),
    ids: strings,
  },
} as const

const uuid = (n: number) => `00000000-0000-0000-0000-00000000000${n}`

test('rows come, change by what is toggled, and go; the index follows', () => {
  const replica = new Replica(shape, { Bridge: (row) => row.ids.get('key') })
  const bridges = replica.table('Bridge')
  const ids = ['map', [['key', 'one']]]
  replica.take({ Bridge: { [uuid(1)]: { initial: { name: 'br', ids, ports: ['uuid', uuid(7)] } } } })
  const before = bridges.get(uuid(1))
  expect(before).toEqual({
    name: 'br',
    ports: new Set([uuid(7)]),
    weight: 0,
    up: undefined,
    ids: new Map([['key', 'one']]),
  })
  expect([...bridges.find('one')]).toEqual([uuid(1)])

  const toggled = [
    'set',
    [
      ['uuid', uuid(7)],
      ['uuid', uuid(8)],
    ],
  ]
  const rekeyed = [
    'map',
    [
      ['key', 'two'],
      ['new', 'x'],
    ],
  ]
  replica.take({ Bridge: { [uuid(1)]: { modify: { ports: toggled, ids: rekeyed, up: true, weight: 3 } } } })
  expect(bridges.get(uuid(1))).toEqual({
    name: 'br',
    ports: new Set([uuid(8)]),
    weight: 3,
    up: true,
    ids: new Map([
      ['key', 'two'],
      ['new', 'x'],
    ]),
  })
  expect(before?.weight).toBe(0)
  expect([...bridges.find('one')]).toEqual([])
  expect([...bridges.keys()]).toEqual(['two'])

  replica.take({ Bridge: { [uuid(1)]: { modify: { up: ['set', []], ids: ['map', [['new', 'x']]] } } } })
  expect(bridges.get(uuid(1))?.up).toBeUndefined()
  expect(bridges.get(uuid(1))?.ids).toEqual(new Map([['key', 'two']]))
  replica.take({ Bridge: { [uuid(1)]: { delete: null } } })
  expect(bridges.rows.size).toBe(0)
  expect([...bridges.keys()]).toEqual([])
})

test('until tells whether the condition came to hold in time', async () => {
  const replica = new Replica(shape)
  const bridges = replica.table('Bridge')
  const met = replica.until(() => bridges.rows.size === 1, 5000)
  replica.take({ Bridge: { [uuid(1)]: { insert: { name: 'br' } } } })
  expect(await met).toBe(true)
  expect(await replica.until(() => bridges.rows.size === 2, 1)).toBe(false)
})

test('operations take the form of the protocol', () => {
  const build = new Operations(shape)
  const where = [['_uuid', '==', ['uuid', uuid(1)]]]
  expect(build.insert('Bridge', { name: 'br', ports: new Set([uuid(7), named('p')]), up: undefined }, 'b')).toEqual({
    op: 'insert',
    table: 'Bridge',
    row: {
      name: 'br',
      ports: [
        'set',
        [
          ['uuid', uuid(7)],
          ['named-uuid', 'p'],
        ],
      ],
      up: ['set', []],
    },
    'uuid-name': 'b',
  })
  expect(build.update('Bridge', uuid(1), { ids: new Map([['a', 'b']]) })).toEqual({
    op: 'update',
    table: 'Bridge',
    where,
    row: { ids: ['map', [['a', 'b']]] },
  })
  expect(build.increment('Bridge', uuid(1), 'weight')).toEqual({
    op: 'mutate',
    table: 'Bridge',
    where,
    mutations: [['weight', '+=', 1]],
  })
  expect(build.remove('Bridge', uuid(1), 'ports', new Set([uuid(7)]))).toMatchObject({
    mutations: [['ports', 'delete', ['set', [['uuid', uuid(7)]]]]],
  })
  expect(build.expect('Bridge', uuid(1), { weight: 3 })).toEqual({
    op: 'wait',
    table: 'Bridge',
    timeout: 0,
    where,
    columns: ['weight'],
    until: '==',
    rows: [{ weight: 3 }],
  })
  expect(build.delete('Bridge', named('b'))).toMatchObject({ where: [['_uuid', '==', ['named-uuid', 'b']]] })
})
