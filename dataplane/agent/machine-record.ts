/**
 * What the agent keeps about a machine on its own disk: `<dataDir>/machines/<id>/machine.json`.
 *
 * The record is written before anything it names is made, and removed after all of it is gone. So whatever instant the
 * agent dies at, the record names everything that may be left.
 */
import { createHash } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { DesiredMachine } from '@pileus/kernel/fabric/machines'
import { volumeOf } from '../disks/volumes.ts'
import { findStateFile, writeStateFile } from './state-file.ts'

export interface MachineRecord {
  id: string
  /** Its own user; absent where machines run as the agent does. */
  uid?: number
  /** Every volume and NIC that may exist for it. */
  diskIds: string[]
  nicIds: string[]
  /** The `bootGeneration` under which it last started. */
  bootGeneration: number
  /** When it last started, ISO 8601; absent before the first time. */
  startedAt?: string
  /** Hardware it last started with, as `hardwareOf` gives it. */
  hardware: string
  /** Whether its guest powered itself off since; it then stays off until it is asked to boot again. */
  poweredItselfOff: boolean
}

/** Names the hardware a running machine cannot change, data disks apart. Equal strings are equal hardware. */
export function hardwareOf(machine: DesiredMachine): string {
  const shape = {
    vcpus: machine.vcpus,
    memoryMiB: machine.memoryMiB,
    disks: machine.disks.filter((disk) => disk.role === 'system').map(volumeOf),
    nics: machine.nics.map((nic) => [nic.id, nic.mac]),
  }
  return createHash('sha256').update(JSON.stringify(shape)).digest('hex').slice(0, 16)
}

export function machinesDirOf(dataDir: string): string {
  return join(dataDir, 'machines')
}

/** Ids of all machines that may have left something here. */
export async function listRecordedMachines(dataDir: string): Promise<string[]> {
  return await readdir(machinesDirOf(dataDir))
}

/** The record; an empty one when the directory exists without it; undefined when the machine has left nothing. */
export async function findMachineRecord(machineDir: string, id: string): Promise<MachineRecord | undefined> {
  const known = await findStateFile(join(machineDir, 'machine.json'))
  if (known !== undefined) return known as MachineRecord
  const isThere = await stat(machineDir).catch(() => undefined)
  if (!isThere) return undefined
  return { id, diskIds: [], nicIds: [], bootGeneration: 0, hardware: '', poweredItselfOff: false }
}

export async function writeMachineRecord(machineDir: string, record: MachineRecord): Promise<void> {
  await writeStateFile('machine.record', join(machineDir, 'machine.json'), record)
}
