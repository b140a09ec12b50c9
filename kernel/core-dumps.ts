import { writeFileSync } from 'node:fs'

/**
 * Keeps memory, and so secrets, out of core dumps of this process and of those it starts. Registers and the list of
 * threads stay. Only Linux can; elsewhere, and where /proc is read-only, nothing happens.
 */
export function keepMemoryOutOfCoreDumps(): void {
  try {
    writeFileSync('/proc/self/coredump_filter', '0')
  } catch {
    // Without the file there is nothing to ask.
  }
}
