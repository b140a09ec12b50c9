import { readFileSync } from 'node:fs'

/** Whether a process runs, be it another user's. One that has ended and that its parent has not collected does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    // Gone in this moment, or a system that keeps no such files.
    return process.platform !== 'linux'
  }
}
