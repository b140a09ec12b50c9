import { expect, test } from 'vitest'
import type { ImageRow } from '../tables/schema.ts'
import { findImages } from './image-filter.ts'

const image = (name: string) => ({ id: name, family: 'f', name, min_memory_mib: 1 }) as ImageRow
const named = (pattern: string, ...names: string[]) =>
  findImages(names.map(image), { RegionId: 'cn-hangzhou', ImageName: pattern }).map(({ name }) => name)

test('names are found by patterns with stars', () => {
  const names = ['debian_12', 'debian_13', 'alpine_3', 'aa']
  expect(named('debian_12', ...names)).toEqual(['debian_12'])
  expect(named('debian*', ...names)).toEqual(['debian_12', 'debian_13'])
  expect(named('*_1*3', ...names)).toEqual(['debian_13'])
  expect(named('d*b*a*n_*', ...names)).toEqual(['debian_12', 'debian_13'])
  expect(named('*', ...names)).toEqual(names)
  expect(named('aa*aa', ...names)).toEqual([])
  expect(named('debian.12', ...names)).toEqual([])
})

test('a pattern with many stars is judged at once', () => {
  const before = performance.now()
  expect(named(`${'*a'.repeat(30)}b`, 'a'.repeat(60))).toEqual([])
  expect(performance.now() - before).toBeLessThan(1_000)
})
