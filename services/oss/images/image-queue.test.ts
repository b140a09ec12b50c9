import { expect, test } from 'vitest'
import { createImageQueue } from './image-queue.ts'

const signal = new AbortController().signal

/** Work that goes on until it is told to end. */
function gate() {
  let open = (): void => {}
  const ended = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, work: () => ended }
}

test('a few work at once, others wait in their order', async () => {
  const queue = createImageQueue(2, 8)
  const begun: number[] = []
  const gates = [gate(), gate(), gate(), gate()]
  const jobs = gates.map(({ work }, i) =>
    queue.run({ accountId: 'a', isLarge: false, signal }, () => {
      begun.push(i)
      return work()
    }),
  )
  await Promise.resolve()
  expect(begun).toEqual([0, 1])
  gates[1]!.open()
  await jobs[1]
  expect(begun).toEqual([0, 1, 2])
  for (const { open } of gates) open()
  await Promise.all(jobs)
  expect(begun).toEqual([0, 1, 2, 3])
})

test('what is large works alone', async () => {
  const queue = createImageQueue(2, 8)
  const [small, large, next] = [gate(), gate(), gate()]
  const begun: string[] = []
  const run = (name: string, isLarge: boolean, work: () => Promise<void>) =>
    queue.run({ accountId: 'a', isLarge, signal }, () => {
      begun.push(name)
      return work()
    })
  const jobs = [run('small', false, small.work), run('large', true, large.work), run('next', false, next.work)]
  await Promise.resolve()
  expect(begun).toEqual(['small'])
  small.open()
  await jobs[0]
  expect(begun).toEqual(['small', 'large'])
  large.open()
  next.open()
  await Promise.all(jobs)
  expect(begun).toEqual(['small', 'large', 'next'])
})

test('one account fills half of the line, all together fill it, and who gives up makes room', async () => {
  const queue = createImageQueue(1, 4)
  const first = gate()
  const running = queue.run({ accountId: 'a', isLarge: false, signal }, first.work)
  const leaving = new AbortController()
  const wait = (accountId: string, how: AbortSignal = signal) =>
    queue.run({ accountId, isLarge: false, signal: how }, async () => accountId)
  const waiting = [wait('a'), wait('a')]
  await expect(wait('a')).rejects.toMatchObject({ code: 'ServiceUnavailable', httpStatus: 503 })
  const gaveUp = wait('b', leaving.signal)
  waiting.push(wait('c'))
  await expect(wait('d')).rejects.toMatchObject({ code: 'ServiceUnavailable' })
  leaving.abort(new Error('gone'))
  await expect(gaveUp).rejects.toThrow('gone')
  waiting.push(wait('d'))
  first.open()
  await running
  expect(await Promise.all(waiting)).toEqual(['a', 'a', 'c', 'd'])
})

test('work that fails gives its place back', async () => {
  const queue = createImageQueue(1, 4)
  const job = { accountId: 'a', isLarge: false, signal }
  await expect(queue.run(job, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  expect(await queue.run(job, async () => 'next')).toBe('next')
})
