import { expect, test } from 'vitest'
import { ramChanged, watchFreshness } from './freshness.ts'

/** A memory whose truth, clock and wake-ups the test moves. */
function startMemory() {
  let nowMs = 0
  let truth: { accountId: string; secret: string } | undefined = { accountId: '1', secret: 'a' }
  let wake = (): void => {}
  let gate: Promise<void> | undefined
  const wakes = {
    on(topic: string, listener: () => void) {
      expect(topic).toBe(ramChanged)
      wake = listener
      return () => true
    },
  }
  const freshness = watchFreshness(wakes, () => nowMs)
  const memory = freshness.remember<{ accountId: string; secret: string }>(async () => {
    const read = truth
    await gate
    return read
  })
  return {
    freshness,
    memory,
    wake: () => wake(),
    pass: (ms: number) => {
      nowMs += ms
    },
    become: (secret: string | undefined) => {
      truth = secret === undefined ? undefined : { accountId: '1', secret }
    },
    holdLoads: (until: Promise<void>) => {
      gate = until
    },
  }
}

test('what was loaded is recalled until something changes', async () => {
  const { memory, wake } = startMemory()
  expect(memory.recall('k')).toBeUndefined()
  await memory.load('k')
  expect(memory.recall('k')?.secret).toBe('a')
  wake()
  expect(memory.recall('k')).toBeUndefined()
})

test('what does not exist is not remembered', async () => {
  const { memory, become } = startMemory()
  become(undefined)
  expect(await memory.load('k')).toBeUndefined()
  become('b')
  expect((await memory.load('k'))?.secret).toBe('b')
})

test('an old value that is still being read when the change arrives is not remembered', async () => {
  const { memory, wake, become, holdLoads } = startMemory()
  let release = (): void => {}
  holdLoads(
    new Promise((resolve) => {
      release = resolve
    }),
  )
  const loading = memory.load('k')
  become('b')
  wake()
  release()
  expect((await loading)?.secret).toBe('a')
  expect(memory.recall('k')).toBeUndefined()
})

test('an account whose change is under way is read anew, others are not', async () => {
  const { freshness, memory, pass } = startMemory()
  await memory.load('k')
  freshness.mistrust('2')
  expect(memory.recall('k')?.secret).toBe('a')
  freshness.mistrust('1')
  expect(memory.recall('k')).toBeUndefined()
  await memory.load('k')
  expect(memory.recall('k')).toBeUndefined()
  pass(3_001)
  await memory.load('k')
  expect(memory.recall('k')?.secret).toBe('a')
})

test('what an account had before its change is forgotten even if no wake-up came', async () => {
  const { freshness, memory, pass } = startMemory()
  await memory.load('k')
  freshness.mistrust('1')
  pass(3_001)
  expect(memory.recall('k')).toBeUndefined()
})

test('memory ages out', async () => {
  const { memory, pass } = startMemory()
  await memory.load('k')
  pass(30_001)
  expect(memory.recall('k')).toBeUndefined()
})
