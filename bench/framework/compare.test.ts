import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { compare, judge, measureAlone, median } from './compare.ts'

const lines: string[] = []
beforeEach(() => {
  lines.length = 0
  vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line))
})
afterEach(() => vi.restoreAllMocks())

test('the median is the middle, or the mean of the two in the middle', () => {
  expect(median([9, 1, 5])).toBe(5)
  expect(median([9, 1, 5, 6])).toBe(5.5)
  expect(() => median([])).toThrow('no median')
})

test('an aim is a floor or a ceiling of the ratio', () => {
  expect(judge(30, 100, { atLeast: 0.15 })).toMatchObject({ ratio: 0.3, isReached: true })
  expect(judge(10, 100, { atLeast: 0.15 }).isReached).toBe(false)
  expect(judge(3, 1, { atMost: 2 }).isReached).toBe(false)
  expect(judge(2, 1, { atMost: 2 }).isReached).toBe(true)
})

test('measurements alternate, and one that was disturbed does not decide', async () => {
  const order: string[] = []
  const contender = (label: string, figures: number[]) => ({
    label,
    async measure(round: number) {
      order.push(label)
      return figures[round]!
    },
  })
  const outcome = await compare({
    title: 'Widgets',
    unit: 'widgets/s',
    subject: contender('ours', [50, 1, 52]),
    peer: contender('theirs', [100, 104, 100]),
    aim: { atLeast: 0.4 },
    rounds: 3,
    notes: ['nothing was durable'],
  })
  expect(order).toEqual(['ours', 'theirs', 'theirs', 'ours', 'ours', 'theirs'])
  expect(outcome).toEqual({ subject: 50, peer: 100, ratio: 0.5, isReached: true })
  expect(lines.join('\n')).toContain('ratio 0.5   aim ≥ 0.4: reached')
  expect(lines.join('\n')).toContain('nothing was durable')
})

test('a lone figure is held against its limit', async () => {
  await measureAlone({ title: 'Start', unit: 's', rounds: 1, measure: async () => 2, atMost: 1.5, notes: [] })
  expect(lines.join('\n')).toContain('median 2 s   aim ≤ 1.5: MISSED')
})
