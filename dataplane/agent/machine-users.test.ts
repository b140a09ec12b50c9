import { expect, test } from 'vitest'
import { firstUidOf, MachineUsers, usersPerAgent } from './machine-users.ts'

test('each machine has a uid of its own, and keeps it', () => {
  const users = new MachineUsers(1000)
  const uids = [users.claim('a', 1003), users.claim('b'), users.claim('c', 1003), users.claim('d', 5), users.claim('a')]
  expect(uids).toEqual([1003, 1000, 1001, 1002, 1003])
  users.release('b')
  users.release('nobody')
  expect(users.claim('e')).toBe(1000)
  expect(users.claim('f')).toBe(1004)
})

test('a host that has no uid left says so', () => {
  const users = new MachineUsers(1000)
  for (let n = 0; n < usersPerAgent; n += 1) users.claim(`i-${n}`)
  expect(() => users.claim('one more')).toThrow('1024 machines')
})

test('the uids of a data directory are the same again, and below what a uid can be', () => {
  expect(firstUidOf('/var/lib/pileus')).toBe(firstUidOf('/var/lib/pileus'))
  expect(firstUidOf('/var/lib/pileus')).not.toBe(firstUidOf('/tmp/other'))
  for (const dataDir of ['', '/a', '/b', '/c'.repeat(100)]) {
    expect(firstUidOf(dataDir)).toBeGreaterThanOrEqual(1_900_000_000)
    expect(firstUidOf(dataDir) + usersPerAgent).toBeLessThan(2 ** 31)
  }
})
