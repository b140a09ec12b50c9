import { expect, test } from 'vitest'
import { RecentBytes } from './recent-bytes.ts'

const record = (i: number): Buffer => Buffer.alloc(1_000, i)

test('what is asked for stays, what nobody asks for goes, and there is never more than is allowed', () => {
  const recent = new RecentBytes({ maxBytes: 20_000, maxRecordBytes: 1_000 })
  for (let i = 0; i < 100; i += 1) {
    recent.add(`p.${i}`, record(i))
    expect(recent.find('p.0')).toEqual(record(0))
  }
  const kept = Array.from({ length: 100 }, (_, i) => i).filter((i) => recent.find(`p.${i}`))
  expect(kept).toContain(0)
  expect(kept).toContain(99)
  expect(kept.length * 1_000).toBeLessThanOrEqual(20_000)
  expect(kept.length).toBeGreaterThanOrEqual(7)
})

test('large records are not kept', () => {
  const recent = new RecentBytes({ maxBytes: 20_000, maxRecordBytes: 1_000 })
  recent.add('large', Buffer.alloc(1_001))
  expect(recent.find('large')).toBeUndefined()
})
