import { apiError } from '@pileus/kernel/errors'
import { type OperationContext, operationsFor } from '@pileus/kernel/operation'
import { ResidencyQuestionError } from '@pileus/kernel/residency/question'
import { residencyErrors } from './errors.ts'
import { type Profiles, residencyChanged } from './profiles.ts'
import type { Reporter } from './reporter.ts'

export interface ResidencyExtras {
  readonly profiles: Profiles
  readonly reporter: Reporter
}

export type ResidencyContext = OperationContext & ResidencyExtras

export const { read, write } = operationsFor<ResidencyContext>()

/** Ends every change: memories of it, here and in other processes, are no longer used. */
export async function announceChange(ctx: ResidencyContext): Promise<void> {
  await ctx.wake(residencyChanged)
  ctx.profiles.mistrust(ctx.accountId)
}

const parameterOf = { from: 'From', to: 'To', dataClasses: 'DataClass', on: 'OnDate', facts: 'Facts' } as const

/** Runs a check of the kernel, and says what it refuses in the words of the API. @throws InvalidParameter */
export function checked<T>(check: () => T, names: Partial<Record<keyof typeof parameterOf, string>> = {}): T {
  try {
    return check()
  } catch (error) {
    if (!(error instanceof ResidencyQuestionError)) throw error
    const parameter = names[error.parameter] ?? parameterOf[error.parameter]
    throw apiError(residencyErrors.InvalidParameter, { parameter, reason: error.reason })
  }
}
