/** Decides what to do next for one machine. Pure: the same states always give the same step. */
import type { DesiredDisk, DesiredMachine, DesiredNic } from '@pileus/kernel/fabric/machines'
import { volumeOf } from '../disks/volumes.ts'
import type { HotDiskState } from './hot-disks.ts'
import { hardwareOf, type MachineRecord } from './machine-record.ts'

/**
 * `unknown`: there is a QEMU we do not talk to yet. `poweredOff`: the guest powered off and QEMU waits.
 * `stalled`: QEMU paused the guest because the host's storage failed. `crashed`: QEMU cannot go on.
 */
export type ProcessState = 'none' | 'unknown' | 'running' | 'poweredOff' | 'stalled' | 'crashed'

/** How a machine is here. */
export interface LocalMachine {
  /** Undefined when it has left no trace. */
  record: MachineRecord | undefined
  process: ProcessState
  /** Size in GiB by volume, of the disks that exist. */
  disks: ReadonlyMap<string, number>
  /** Data disks of the QEMU that runs, by volume. */
  hotDisks: ReadonlyMap<string, HotDiskState>
  /** Volumes that the guest was asked to let go of: when to ask again, and until when it may take its time. */
  unplugs: ReadonlyMap<string, { askAgainAtMs: number; deadlineMs: number }>
  /** Ids of the NICs whose tap exists. */
  taps: ReadonlySet<string>
  /** Until when the guest may take its time, once it was asked to shut down or reboot. Milliseconds since 1970. */
  shutdownDeadlineMs: number | undefined
  rebootDeadlineMs: number | undefined
  /** Whether the guest has restarted since it was asked to. */
  rebooted: boolean
  /** When QEMU may be told to try a failed write again. */
  retryWriteAtMs: number | undefined
  /** Not started again before, when it has just been; 0 when it may be. */
  startAllowedAtMs: number
}

export type MachineStep =
  /** Nothing to do; `gone` when there is nothing left either. */
  | { kind: 'settled' }
  | { kind: 'gone' }
  /** Nothing to do until then. */
  | { kind: 'wait'; untilMs: number }
  /** It runs, but with other hardware than desired, which only a stop and a start can change. */
  | { kind: 'mismatch' }
  | { kind: 'writeRecord'; record: MachineRecord }
  | { kind: 'createDisk'; disk: DesiredDisk }
  | { kind: 'growDisk'; disk: DesiredDisk; online: boolean }
  | { kind: 'plugDisk'; disk: DesiredDisk }
  /** Asks the guest to let go of it, or closes it when the guest has. */
  | { kind: 'unplugDisk'; volume: string }
  /** Takes it away from a guest that does not let go. */
  | { kind: 'forceDisk'; volume: string }
  | { kind: 'ensureTap'; nic: DesiredNic }
  /** Lets go of disks, whose content stays, and removes taps. */
  | { kind: 'dropParts'; diskIds: string[]; nicIds: string[]; record: MachineRecord }
  | { kind: 'connect' }
  | { kind: 'launch'; record: MachineRecord }
  | { kind: 'askShutdown' }
  | { kind: 'askReboot' }
  | { kind: 'reset' }
  | { kind: 'retryWrite' }
  /** Ends QEMU at once. */
  | { kind: 'quit' }
  /** Removes everything the record names, and the record. */
  | { kind: 'forget' }

/** The next step that brings `local` closer to `desired`; `desired` is undefined for a machine that must not exist. */
export function planMachine(desired: DesiredMachine | undefined, local: LocalMachine, nowMs: number): MachineStep {
  if (!desired) return planRemoval(local)
  const parts = planParts(desired, local)
  if (parts) return parts
  const record = local.record!
  if (local.process === 'unknown') return { kind: 'connect' }
  if (local.process === 'crashed') return { kind: 'quit' }
  if (desired.power === 'off') return planOff(desired, record, local, nowMs)
  switch (local.process) {
    case 'none':
      return planStart(desired, record, local, nowMs)
    case 'poweredOff':
      return planPoweredOff(desired, record)
    case 'stalled':
      return waitOr(local.retryWriteAtMs ?? 0, nowMs, { kind: 'retryWrite' })
    case 'running':
      return planRunning(desired, record, local, nowMs)
  }
}

function planRemoval(local: LocalMachine): MachineStep {
  if (local.process !== 'none') return { kind: 'quit' }
  return local.record ? { kind: 'forget' } : { kind: 'gone' }
}

/** The record comes first, so that it names whatever is made. */
function planParts(desired: DesiredMachine, local: LocalMachine): MachineStep | undefined {
  const diskIds = desired.disks.map(volumeOf)
  const nicIds = desired.nics.map((nic) => nic.id)
  const known = local.record
  const record: MachineRecord = {
    ...(known ?? { id: desired.id, bootGeneration: 0, hardware: '', poweredItselfOff: false }),
    diskIds: union(known?.diskIds, diskIds),
    nicIds: union(known?.nicIds, nicIds),
  }
  const isNamed = record.diskIds.length === known?.diskIds.length && record.nicIds.length === known.nicIds.length
  if (!isNamed) return { kind: 'writeRecord', record }
  // A disk that cannot be made does not keep a machine from stopping.
  if (desired.power === 'off' && local.process !== 'none') return undefined
  const missing = desired.disks.find((disk) => !local.disks.has(volumeOf(disk)))
  return missing ? { kind: 'createDisk', disk: missing } : undefined
}

function planOff(desired: DesiredMachine, record: MachineRecord, local: LocalMachine, nowMs: number): MachineStep {
  if (local.process === 'none') {
    if (record.poweredItselfOff) return { kind: 'writeRecord', record: { ...record, poweredItselfOff: false } }
    return planIdle(desired, record, local) ?? { kind: 'settled' }
  }
  if (local.process === 'poweredOff' || desired.force) return { kind: 'quit' }
  if (local.shutdownDeadlineMs === undefined) return { kind: 'askShutdown' }
  return waitOr(local.shutdownDeadlineMs, nowMs, { kind: 'quit' })
}

/** What can be changed only while no QEMU holds it. */
function planIdle(desired: DesiredMachine, record: MachineRecord, local: LocalMachine): MachineStep | undefined {
  const diskIds = surplusDisks(desired, record)
  const nicIds = record.nicIds.filter((id) => !desired.nics.some((nic) => nic.id === id))
  if (diskIds.length + nicIds.length > 0) {
    const kept = { ...record, diskIds: without(record.diskIds, diskIds), nicIds: without(record.nicIds, nicIds) }
    return { kind: 'dropParts', diskIds, nicIds, record: kept }
  }
  return planGrowth(desired, local)
}

function surplusDisks(desired: DesiredMachine, record: MachineRecord): string[] {
  const volumes = desired.disks.map(volumeOf)
  return record.diskIds.filter((id) => !volumes.includes(id))
}

function planGrowth(desired: DesiredMachine, local: LocalMachine): MachineStep | undefined {
  const small = desired.disks.find((disk) => (local.disks.get(volumeOf(disk)) ?? disk.sizeGiB) < disk.sizeGiB)
  if (!small) return undefined
  const isOpen = local.process === 'running' && (small.role === 'system' || local.hotDisks.has(volumeOf(small)))
  return { kind: 'growDisk', disk: small, online: isOpen }
}

function planTaps(desired: DesiredMachine, local: LocalMachine): MachineStep | undefined {
  const nic = desired.nics.find((candidate) => !local.taps.has(candidate.id))
  return nic && { kind: 'ensureTap', nic }
}

function planStart(desired: DesiredMachine, record: MachineRecord, local: LocalMachine, nowMs: number): MachineStep {
  if (record.poweredItselfOff && desired.bootGeneration <= record.bootGeneration) return { kind: 'settled' }
  const before = planIdle(desired, record, local) ?? planTaps(desired, local)
  if (before) return before
  const started = { bootGeneration: desired.bootGeneration, hardware: hardwareOf(desired), poweredItselfOff: false }
  return waitOr(local.startAllowedAtMs, nowMs, { kind: 'launch', record: { ...record, ...started } })
}

/** Desired on, but the guest powered off: that is the guest's wish, unless a boot was asked for since. */
function planPoweredOff(desired: DesiredMachine, record: MachineRecord): MachineStep {
  if (desired.bootGeneration > record.bootGeneration || record.poweredItselfOff) return { kind: 'quit' }
  return { kind: 'writeRecord', record: { ...record, poweredItselfOff: true } }
}

function planRunning(desired: DesiredMachine, record: MachineRecord, local: LocalMachine, nowMs: number): MachineStep {
  const before = planTaps(desired, local) ?? planGrowth(desired, local)
  if (before) return before
  if (desired.bootGeneration > record.bootGeneration) {
    if (local.rebooted) return { kind: 'writeRecord', record: { ...record, bootGeneration: desired.bootGeneration } }
    if (desired.force) return { kind: 'reset' }
    if (local.rebootDeadlineMs === undefined) return { kind: 'askReboot' }
    return waitOr(local.rebootDeadlineMs, nowMs, { kind: 'reset' })
  }
  if (hardwareOf(desired) !== record.hardware) return { kind: 'mismatch' }
  return planHotDisks(desired, record, local, nowMs) ?? { kind: 'settled' }
}

/** Disks that come come first: a guest may take its time to let go of others. */
function planHotDisks(
  desired: DesiredMachine,
  record: MachineRecord,
  local: LocalMachine,
  nowMs: number,
): MachineStep | undefined {
  const coming = desired.disks.find((disk) => disk.role === 'data' && local.hotDisks.get(volumeOf(disk)) !== 'plugged')
  if (coming) return { kind: 'plugDisk', disk: coming }
  const surplus = surplusDisks(desired, record)
  const gone = surplus.filter((volume) => !local.hotDisks.has(volume))
  if (gone.length > 0) {
    return {
      kind: 'dropParts',
      diskIds: gone,
      nicIds: [],
      record: { ...record, diskIds: without(record.diskIds, gone) },
    }
  }
  const steps = surplus.map((volume) => planUnplug(volume, local, nowMs))
  const acts = steps.find((step) => step.kind !== 'wait')
  if (acts) return acts
  const untilMs = Math.min(...steps.map((step) => (step.kind === 'wait' ? step.untilMs : nowMs)))
  return steps.length > 0 ? { kind: 'wait', untilMs } : undefined
}

function planUnplug(volume: string, local: LocalMachine, nowMs: number): MachineStep {
  const asked = local.unplugs.get(volume)
  if (!asked || local.hotDisks.get(volume) === 'open') return { kind: 'unplugDisk', volume }
  if (nowMs >= asked.deadlineMs) return { kind: 'forceDisk', volume }
  return waitOr(Math.min(asked.askAgainAtMs, asked.deadlineMs), nowMs, { kind: 'unplugDisk', volume })
}

function waitOr(untilMs: number, nowMs: number, step: MachineStep): MachineStep {
  return nowMs < untilMs ? { kind: 'wait', untilMs } : step
}

function union(known: string[] | undefined, wanted: string[]): string[] {
  return [...new Set([...(known ?? []), ...wanted])]
}

function without(ids: string[], dropped: string[]): string[] {
  return ids.filter((id) => !dropped.includes(id))
}
