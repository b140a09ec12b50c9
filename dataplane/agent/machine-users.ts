/**
 * Users of machines. Each machine's QEMU runs under a uid of its own, so that a guest that breaks out of it reaches
 * neither disks nor processes of another.
 */
import { createHash } from 'node:crypto'

/** Machines that one agent can keep at a time. */
export const usersPerAgent = 1024

// Between these no system service, person, container or namespace has uids.
const firstFreeUid = 1_900_000_000
const ranges = 200_000

/** First uid of the machines of a data directory: several clouds on one computer rarely share any. */
export function firstUidOf(dataDir: string): number {
  const number = createHash('sha256').update(dataDir).digest().readUInt32BE()
  return firstFreeUid + (number % ranges) * usersPerAgent
}

export class MachineUsers {
  readonly #first: number
  readonly #byMachine = new Map<string, number>()
  readonly #taken = new Set<number>()

  constructor(first: number) {
    this.#first = first
  }

  /** The machine's uid: the one it had before, `known`, if that is one of these and nobody else's. */
  claim(machineId: string, known?: number): number {
    const mine = this.#byMachine.get(machineId)
    if (mine !== undefined) return mine
    const last = this.#first + usersPerAgent - 1
    const isOurs = known !== undefined && known >= this.#first && known <= last
    if (isOurs && !this.#taken.has(known)) return this.#take(machineId, known)
    for (let uid = this.#first; uid <= last; uid += 1) if (!this.#taken.has(uid)) return this.#take(machineId, uid)
    throw new Error(`this host keeps ${usersPerAgent} machines at most`)
  }

  /** Once nothing of the machine is left. */
  release(machineId: string): void {
    this.#taken.delete(this.#byMachine.get(machineId) ?? -1)
    this.#byMachine.delete(machineId)
  }

  #take(machineId: string, uid: number): number {
    this.#taken.add(uid)
    this.#byMachine.set(machineId, uid)
    return uid
  }
}
