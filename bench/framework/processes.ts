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

/** Memory of the processes, each shared page divided among its sharers (PSS), in MiB. */
export function pssMiB(pids: readonly number[]): number {
  let kiB = 0
  for (const pid of pids) {
    try {
      kiB += Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0)
    } catch {
      // It ended meanwhile.
    }
  }
  return kiB / 1024
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
