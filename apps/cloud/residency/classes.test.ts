/** Nobody can forget the gate: an operation that changes something and is not listed fails here. */
import { operations as objectOperations } from '@pileus/oss/operations'
import { expect, test } from 'vitest'
import { operations } from '../operations.ts'
import { classesOfOperations } from './classes.ts'

interface Known {
  name: string
  changes: boolean
  places: boolean
}

const known = new Map<string, Known[]>()
for (const { ref, kind, rules } of operations) {
  const list = known.get(ref.product) ?? []
  known.set(ref.product, list)
  list.push({ name: ref.name, changes: kind === 'write', places: rules.places !== 'nowhere' })
}
known.set(
  'Oss',
  objectOperations.map(({ name, route, places }) => ({
    name,
    changes: !['GET', 'HEAD'].includes(route.method),
    places,
  })),
)

const words = (text: string): string[] => text.split(' ').filter(Boolean)
const listsOf = (product: string) => {
  const { placing = '', moving = '', neither = '' } = classesOfOperations[product] ?? {}
  return { placing: words(placing), moving: words(moving), neither: words(neither) }
}

test.each([...known.keys()])('%s: every operation that changes something is placing, moving or neither', (product) => {
  const { placing, moving, neither } = listsOf(product)
  const listed = [...placing, ...moving, ...neither]
  const unlisted = known.get(product)?.filter(({ name, changes }) => changes && !listed.includes(name))
  expect(
    unlisted?.map(({ name }) => name),
    `list these of ${product} in apps/cloud/residency/classes.ts`,
  ).toEqual([])
  expect(new Set(listed).size, 'each once').toBe(listed.length)
})

test.each([...known.keys()])('%s: the gate is asked before exactly those that are placing', (product) => {
  const asked = (known.get(product) ?? []).filter(({ places }) => places).map(({ name }) => name)
  expect(asked.sort()).toEqual(listsOf(product).placing.sort())
})

test('nothing is listed that does not exist', () => {
  for (const product of Object.keys(classesOfOperations)) {
    const names = known.get(product)?.map(({ name }) => name) ?? []
    const { placing, moving, neither } = listsOf(product)
    expect([...placing, ...moving, ...neither].filter((name) => !names.includes(name))).toEqual([])
  }
})
