/**
 * The catalogue of instance types. Names, sizes and card quantities follow the vendor's families; the smallest
 * ones fit a laptop without hardware virtualization.
 */

export interface InstanceType {
  id: string
  family: string
  /** `ecs-1` to `ecs-5`, growing with the hardware's age. */
  generation: string
  level: 'EntryLevel' | 'EnterpriseLevel'
  category: string
  vcpus: number
  memoryMiB: number
  processor: string
  clockGHz: number
  eniQuantity: number
  eniPrivateIpAddressQuantity: number
  /** Bits per second, each direction. */
  bandwidthBps: number
  packetsPerSecond: number
  queuesPerEni: number
  /** CPU credits, for burstable types. */
  credits?: { initial: number; baselinePerHour: number }
}

interface Family {
  id: string
  generation: string
  category: string
  processor: string
  clockGHz: number
  gibPerVcpu: number
  /** Size name to virtual CPUs. */
  sizes: Readonly<Record<string, number>>
}

const sizesOfFifth = {
  large: 2,
  xlarge: 4,
  '2xlarge': 8,
  '3xlarge': 12,
  '4xlarge': 16,
  '6xlarge': 24,
  '8xlarge': 32,
  '16xlarge': 64,
}
const sizesOfSixth = {
  large: 2,
  xlarge: 4,
  '2xlarge': 8,
  '3xlarge': 12,
  '4xlarge': 16,
  '6xlarge': 24,
  '8xlarge': 32,
  '13xlarge': 52,
  '26xlarge': 104,
}

const skylake = 'Intel Xeon(Skylake) Platinum 8163'
const cascadeLake = 'Intel Xeon(Cascade Lake) Platinum 8269CY'

const families: readonly Family[] = [
  {
    id: 'ecs.g5',
    generation: 'ecs-3',
    category: 'General-purpose',
    processor: skylake,
    clockGHz: 2.5,
    gibPerVcpu: 4,
    sizes: sizesOfFifth,
  },
  {
    id: 'ecs.c5',
    generation: 'ecs-3',
    category: 'Compute-optimized',
    processor: skylake,
    clockGHz: 2.5,
    gibPerVcpu: 2,
    sizes: sizesOfFifth,
  },
  {
    id: 'ecs.r5',
    generation: 'ecs-3',
    category: 'Memory-optimized',
    processor: skylake,
    clockGHz: 2.5,
    gibPerVcpu: 8,
    sizes: sizesOfFifth,
  },
  {
    id: 'ecs.g6',
    generation: 'ecs-5',
    category: 'General-purpose',
    processor: cascadeLake,
    clockGHz: 2.5,
    gibPerVcpu: 4,
    sizes: sizesOfSixth,
  },
  {
    id: 'ecs.c6',
    generation: 'ecs-5',
    category: 'Compute-optimized',
    processor: cascadeLake,
    clockGHz: 2.5,
    gibPerVcpu: 2,
    sizes: sizesOfSixth,
  },
  {
    id: 'ecs.r6',
    generation: 'ecs-5',
    category: 'Memory-optimized',
    processor: cascadeLake,
    clockGHz: 2.5,
    gibPerVcpu: 8,
    sizes: sizesOfSixth,
  },
]

/** Size, vCPUs, memory in MiB, initial credits, credits an hour. */
type Burstable = readonly [string, number, number, number, number]

const t5: readonly Burstable[] = [
  ['ecs.t5-lc2m1.nano', 1, 512, 30, 6],
  ['ecs.t5-lc1m1.small', 1, 1024, 30, 6],
  ['ecs.t5-lc1m2.small', 1, 2048, 30, 6],
  ['ecs.t5-lc1m2.large', 2, 4096, 60, 12],
  ['ecs.t5-lc1m4.large', 2, 8192, 60, 12],
  ['ecs.t5-c1m1.large', 2, 2048, 60, 18],
  ['ecs.t5-c1m2.large', 2, 4096, 60, 18],
  ['ecs.t5-c1m4.large', 2, 8192, 60, 18],
  ['ecs.t5-c1m1.xlarge', 4, 4096, 120, 36],
  ['ecs.t5-c1m2.xlarge', 4, 8192, 120, 36],
]
const t6: readonly Burstable[] = [
  ['ecs.t6-c4m1.large', 2, 512, 60, 6],
  ['ecs.t6-c2m1.large', 2, 1024, 60, 12],
  ['ecs.t6-c1m1.large', 2, 2048, 60, 24],
  ['ecs.t6-c1m2.large', 2, 4096, 60, 24],
  ['ecs.t6-c1m4.large', 2, 8192, 60, 36],
  ['ecs.t6-c1m4.xlarge', 4, 16384, 120, 96],
]

function burstable([id, vcpus, memoryMiB, initial, baselinePerHour]: Burstable, family: string): InstanceType {
  return {
    id,
    family,
    generation: family === 'ecs.t6' ? 'ecs-5' : 'ecs-4',
    level: 'EntryLevel',
    category: 'Burstable',
    vcpus,
    memoryMiB,
    processor: family === 'ecs.t6' ? cascadeLake : skylake,
    clockGHz: 2.5,
    eniQuantity: 2,
    eniPrivateIpAddressQuantity: 2,
    bandwidthBps: vcpus * 204_800_000,
    packetsPerSecond: 60_000 + vcpus * 20_000,
    queuesPerEni: 1,
    credits: { initial, baselinePerHour },
  }
}

function sized(family: Family, size: string, vcpus: number): InstanceType {
  return {
    id: `${family.id}.${size}`,
    family: family.id,
    generation: family.generation,
    level: 'EnterpriseLevel',
    category: family.category,
    vcpus,
    memoryMiB: vcpus * family.gibPerVcpu * 1024,
    processor: family.processor,
    clockGHz: family.clockGHz,
    eniQuantity: vcpus <= 2 ? 2 : vcpus <= 4 ? 3 : vcpus <= 8 ? 4 : vcpus <= 12 ? 6 : 8,
    eniPrivateIpAddressQuantity: vcpus <= 2 ? 6 : vcpus <= 12 ? 10 : 20,
    bandwidthBps: Math.min(25, Math.max(1, vcpus / 4)) * 1_024_000_000,
    packetsPerSecond: Math.min(6_000_000, vcpus * 125_000),
    queuesPerEni: Math.min(16, Math.max(2, vcpus / 2)),
  }
}

/** Every type offered, small ones first within a family. */
export const instanceTypes: readonly InstanceType[] = [
  ...t5.map((row) => burstable(row, 'ecs.t5')),
  ...t6.map((row) => burstable(row, 'ecs.t6')),
  ...families.flatMap((family) => Object.entries(family.sizes).map(([size, vcpus]) => sized(family, size, vcpus))),
]

const typeById = new Map(instanceTypes.map((type) => [type.id, type]))

export function findInstanceType(id: string): InstanceType | undefined {
  return typeById.get(id)
}

/** For ids that were checked when they were stored. @throws Error where there is none */
export function getInstanceType(id: string): InstanceType {
  const type = typeById.get(id)
  if (!type) throw new Error(`there is no instance type ${id}`)
  return type
}

/** Disks, the system disk not counted, that a type takes. */
export const maxDataDisks = 16

/** Memory as the API counts it: GiB, with fractions. */
export function memoryGiB(type: { memoryMiB: number }): number {
  return type.memoryMiB / 1024
}
