import type { AnyOperation } from '@pileus/kernel/operation'
import type { ResidencyContext } from './operation.ts'
import { DeleteResidencyPolicy } from './operations/DeleteResidencyPolicy.ts'
import { ExplainResidency } from './operations/ExplainResidency.ts'
import { GenerateResidencyReport } from './operations/GenerateResidencyReport.ts'
import { GetResidencyFacts } from './operations/GetResidencyFacts.ts'
import { GetResidencyPolicy } from './operations/GetResidencyPolicy.ts'
import { ListDataClasses } from './operations/ListDataClasses.ts'
import { ListResidencyDecisions } from './operations/ListResidencyDecisions.ts'
import { SetResidencyFacts } from './operations/SetResidencyFacts.ts'
import { SetResidencyPolicy } from './operations/SetResidencyPolicy.ts'
import { TagDataClasses } from './operations/TagDataClasses.ts'
import { UntagDataClasses } from './operations/UntagDataClasses.ts'

/** Every operation of the product. */
export const operations: readonly AnyOperation<ResidencyContext>[] = [
  DeleteResidencyPolicy,
  ExplainResidency,
  GenerateResidencyReport,
  GetResidencyFacts,
  GetResidencyPolicy,
  ListDataClasses,
  ListResidencyDecisions,
  SetResidencyFacts,
  SetResidencyPolicy,
  TagDataClasses,
  UntagDataClasses,
]
