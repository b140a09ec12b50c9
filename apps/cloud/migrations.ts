import { actiontrailMigrations as actiontrail } from '@pileus/actiontrail/migrations'
import { ecsMigrations as ecs } from '@pileus/ecs/migrations'
import { imsMigrations as ims } from '@pileus/ims/migrations'
import { kernelMigrations } from '@pileus/kernel/migrations'
import type { Migration } from '@pileus/kernel/store/migrations'
import { migrations as kms } from '@pileus/kms/migrations'
import { operatorsMigrations as operators } from '@pileus/operators/migrations'
import { ossMigrations as oss } from '@pileus/oss/migrations'
import { migrations as ram } from '@pileus/ram/migrations'
import { residencyMigrations as residency } from '@pileus/residency/migrations'
import { vpcMigrations as vpc } from '@pileus/vpc/migrations'

/** The schema of all products. */
export const migrations: readonly Migration[] = [
  ...kernelMigrations,
  ...ram,
  ...vpc,
  ...ecs,
  ...operators,
  ...oss,
  ...kms,
  ...actiontrail,
  ...ims,
  ...residency,
]
