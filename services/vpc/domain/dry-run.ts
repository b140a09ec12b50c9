import { apiError, commonErrors } from '@pileus/kernel/errors'

/** For actions that change nothing, whose dry run has nothing to roll back. @throws DryRunOperation */
export function refuseDryRun(dryRun: boolean | undefined): void {
  if (dryRun) throw apiError(commonErrors.DryRunOperation)
}
