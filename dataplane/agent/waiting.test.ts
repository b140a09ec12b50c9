import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Pace } from './waiting.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a burst goes at once, and what comes without end at the pace given', () => {
  let calls = 0
  const pace = new Pace({ burst: 5, everyMs: 500 }, () => {
    calls += 1
    if (pace.isDue) pace.take()
  })
  for (let ms = 0; ms < 100; ms += 10) {
    pace.ask()
    vi.advanceTimersByTime(10)
  }
  expect(calls).toBe(5)
  for (let ms = 100; ms < 10_000; ms += 10) {
    pace.ask()
    vi.advanceTimersByTime(10)
  }
  expect(calls).toBeGreaterThan(5 + 15)
  expect(calls).toBeLessThan(5 + 22)
  vi.advanceTimersByTime(60_000)
  const before = calls
  for (let count = 0; count < 10; count += 1) pace.ask()
  expect(calls - before).toBe(5)
})

test('what was asked last is not forgotten, unless it is closed', () => {
  let calls = 0
  const pace = new Pace({ burst: 1, everyMs: 500 }, () => {
    calls += 1
    pace.take()
  })
  pace.ask()
  pace.ask()
  expect(calls).toBe(1)
  vi.advanceTimersByTime(500)
  expect(calls).toBe(2)
  pace.ask()
  pace.close()
  vi.advanceTimersByTime(5_000)
  expect(calls).toBe(2)
})
