import { operations as actiontrail } from '@pileus/actiontrail/operations'
import { operations as ecs } from '@pileus/ecs/operations'
import { operations as ims } from '@pileus/ims/operations'
import type { AnyOperation } from '@pileus/kernel/operation'
import { operations as kms } from '@pileus/kms/operations'
import { operations as location } from '@pileus/location/operations'
import { operations as operators } from '@pileus/operators/operations'
import { operations as ram } from '@pileus/ram/operations'
import { operations as residency } from '@pileus/residency/operations'
import { operations as sts } from '@pileus/sts/operations'
import { operations as vpc } from '@pileus/vpc/operations'

/** Every operation of this cloud, not yet joined to what it needs. */
// biome-ignore lint/suspicious/noExplicitAny: each product's operations ask for a context of their own.
export const operations: readonly AnyOperation<any>[] = [
  ...actiontrail,
  ...ecs,
  ...vpc,
  ...ram,
  ...sts,
  ...ims,
  ...location,
  ...operators,
  ...kms,
  ...residency,
]
