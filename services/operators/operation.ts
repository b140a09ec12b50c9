import { apiError } from '@pileus/kernel/errors'
import { type OperationContext, operationsFor } from '@pileus/kernel/operation'
import type { AuditSink, ResidencyGate } from '@pileus/kernel/ports'
import type { RamPort } from '@pileus/ram/port'
import { findOperator, type Operator, operatorOf } from '@pileus/world/operators'
import { getRegion } from '@pileus/world/regions'
import { personOf } from './domain/emergency-access.ts'
import { errors } from './errors.ts'
import { findEnrolledOperatorId } from './tables/enrolments.ts'

export type OperatorsContext = OperationContext & {
  readonly ram: RamPort
  readonly residency: ResidencyGate
  readonly audit: AuditSink
}

export const { read, write } = operationsFor<OperatorsContext>()

/** The operator whose account calls. @throws Forbidden.NotOperator */
export async function getCallingOperator(ctx: OperatorsContext): Promise<Operator> {
  const operator = await findCallingOperator(ctx)
  if (!operator) throw apiError(errors['Forbidden.NotOperator'])
  return operator
}

/** Undefined for customers. */
export async function findCallingOperator(ctx: OperatorsContext): Promise<Operator | undefined> {
  const operatorId = await findEnrolledOperatorId(ctx.db, ctx.accountId)
  return operatorId === undefined ? undefined : findOperator(operatorId)
}

/** The person who calls for `operator`. @throws Forbidden.NoPerson */
export function getPerson(ctx: OperatorsContext, operator: Operator): string {
  const person = personOf(operator, ctx.principal)
  if (person === undefined) throw apiError(errors['Forbidden.NoPerson'])
  return person
}

/** Who runs the region. @throws InvalidRegionId.NotFound */
export function getOperatorOf(ctx: OperatorsContext, regionId: string): Operator {
  ctx.hosted.get(regionId)
  return operatorOf(getRegion(regionId))
}
