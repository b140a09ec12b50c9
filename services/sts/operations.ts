import type { AnyOperation } from '@pileus/kernel/operation'
import type { StsContext } from './operation.ts'
import { AssumeRole } from './operations/AssumeRole.ts'
import { AssumeRoleWithOIDC } from './operations/AssumeRoleWithOIDC.ts'
import { AssumeRoleWithSAML } from './operations/AssumeRoleWithSAML.ts'
import { GetCallerIdentity } from './operations/GetCallerIdentity.ts'

/** Every operation of the product. */
export const operations: readonly AnyOperation<StsContext>[] = [
  AssumeRole,
  GetCallerIdentity,
  AssumeRoleWithOIDC,
  AssumeRoleWithSAML,
]
