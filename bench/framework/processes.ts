/** What processes use, read from /proc; Linux only. */
import { readdirSync, readFileSync } from 'node:fs'

/** Clock ticks per second of /proc/<pid>/stat: fixed for user space on Linux. */
const ticksPerSecond = 100

/** `pid` and all that descend from it. */
export function listTree(pid: number): number[] {
  const childrenOf = new Map<number, number[]>()
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const parent = Number(readStat(Number(entry))?.[1])
    if (!Number.isNaN(parent)) childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), Number(entry)])
  }
  const tree = [pid]
  for (const one of tree) tree.push(...(childrenOf.get(one) ?? []))
  return tree
}

/** Processor time that the processes have used so far, in seconds. Those that are gone count nothing. */
export function cpuSecondsOf(pids: readonly number[]): number {
  let ticks = 0
  for (const pid of pids) {
    const stat = readStat(pid)
    if (stat) ticks += Number(stat[11]) + Number(stat[12])
  }
  return ticks / ticksPerSecond
}

export interface Memory {
  /** Each shared page divided among all its sharers, those outside of the measured processes too. */
  pssMiB: number
  /** Without the pages that others share. */
  privateMiB: number
}

/** What the processes hold together. Those that are gone hold nothing. */
export function memoryOf(pids: readonly number[]): Memory {
  let pssKiB = 0
  let privateKiB = 0
  for (const pid of pids) {
    try {
      const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
      const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0)
      pssKiB += field('Pss')
      privateKiB += field('Private_Clean') + field('Private_Dirty')
    } catch {
      // It ended meanwhile.
    }
  }
  return { pssMiB: pssKiB / 1024, privateMiB: privateKiB / 1024 }
}

/** Fields of /proc/<pid>/stat after the command's name, the state first. */
function readStat(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}
