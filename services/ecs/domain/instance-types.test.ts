import { expect, test } from 'vitest'
import { familyOfImage } from './images.ts'
import { findInstanceType, instanceTypes } from './instance-types.ts'

test('types have distinct ids, and belong to their family', () => {
  expect(new Set(instanceTypes.map((type) => type.id)).size).toBe(instanceTypes.length)
  for (const type of instanceTypes) expect(type.id.startsWith(type.family)).toBe(true)
})

test('the smallest type fits a laptop', () => {
  expect(findInstanceType('ecs.t5-lc2m1.nano')).toMatchObject({ vcpus: 1, memoryMiB: 512 })
})

test.each([
  ['pileus_micro_x64.qcow2', 'micro'],
  ['pileus_debian_12_x64_20G.qcow2', 'debian-12'],
  ['other.qcow2', 'other.qcow2'],
])('%s is of family %s', (id, family) => {
  expect(familyOfImage(id)).toBe(family)
})
