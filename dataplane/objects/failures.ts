import { NoSpaceError } from '@pileus/kernel/fabric/bytes'
import { errorCode } from './disk.ts'

/** A failed write as the caller is to see it. */
export function asPutError(error: unknown): unknown {
  const code = errorCode(error)
  return code === 'ENOSPC' || code === 'EDQUOT' ? new NoSpaceError({ cause: error }) : error
}

/** For clean-up after a failure that is already being reported. */
export async function quietly(work: Promise<unknown>): Promise<void> {
  try {
    await work
  } catch {
    // The first failure is the one to tell; what is left behind here is swept.
  }
}
