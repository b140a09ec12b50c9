import type { AnyOperation } from '@pileus/kernel/operation'
import type { TrailContext } from './operation.ts'
import { CreateTrail } from './operations/CreateTrail.ts'
import { DeleteDataEventSelector } from './operations/DeleteDataEventSelector.ts'
import { DeleteTrail } from './operations/DeleteTrail.ts'
import { DescribeRegions } from './operations/DescribeRegions.ts'
import { DescribeTrails } from './operations/DescribeTrails.ts'
import { GetDataEventSelector } from './operations/GetDataEventSelector.ts'
import { GetTrailStatus } from './operations/GetTrailStatus.ts'
import { LookupEvents } from './operations/LookupEvents.ts'
import { PutDataEventSelector } from './operations/PutDataEventSelector.ts'
import { StartLogging } from './operations/StartLogging.ts'
import { StopLogging } from './operations/StopLogging.ts'
import { UpdateTrail } from './operations/UpdateTrail.ts'

/** Every operation of the product. */
export const operations: readonly AnyOperation<TrailContext>[] = [
  CreateTrail,
  DeleteDataEventSelector,
  DeleteTrail,
  DescribeRegions,
  DescribeTrails,
  GetDataEventSelector,
  GetTrailStatus,
  LookupEvents,
  PutDataEventSelector,
  StartLogging,
  StopLogging,
  UpdateTrail,
]
