/** Writes what agents observed, and releases what they have removed. */
import type { Clock } from '@pileus/kernel/clock'
import { effect } from '@pileus/kernel/effects'
import type { ObservedMachine } from '@pileus/kernel/fabric/machines'
import type { Db, Store } from '@pileus/kernel/store/store'
import type { VpcPort } from '@pileus/vpc/port'
import { commandColumns, differs, observedColumns, wasShutDownByGuest } from '../domain/observed.ts'
import { releaseInstances } from '../release.ts'
import { release } from '../tables/hosts.ts'
import {
  acceptGuestShutdown,
  listInstancesOfPools,
  listUnfinishedCommands,
  lockDeletedInstances,
  recordCommand,
  recordConsole,
  recordObserved,
  stopReserving,
} from '../tables/machines.ts'
import type { InstanceRow } from '../tables/schema.ts'
import { applyDiskReports, type DiskReport } from './apply-disks.ts'
import type { AgentState, HostSyncRequest } from './sync.ts'

interface Report {
  request: HostSyncRequest
  state: AgentState
}

/** Base64 of 64 KiB. */
const maxConsoleLength = 87_384
/** Base64 of 24 KiB. */
const maxOutputLength = 32_768

/** `hasLetGo` tells whether an agent has an answer without what it names. Marks agents dirty whose answer may change. */
export async function applyReports(
  deps: { store: Store; vpc: VpcPort; clock: Clock },
  reports: readonly Report[],
  hasLetGo: (request: HostSyncRequest, withdrawn: string) => boolean,
): Promise<void> {
  const { db } = deps.store
  const rows = await listInstancesOfPools(
    db,
    reports.map(({ state }) => state.agentId),
  )
  const rowsByPool = groupByPool(rows)
  const observed: Parameters<typeof recordObserved>[1][number][] = []
  const removed: InstanceRow[] = []
  for (const { request, state } of reports) {
    const machines = new Map(request.observed.map((machine) => [machine.id, machine]))
    for (const row of rowsByPool.get(state.agentId) ?? []) {
      const machine = machines.get(row.id)
      if (!machine) {
        if (row.deleted_at !== null && hasLetGo(request, row.id)) removed.push(row)
        continue
      }
      const columns = observedColumns(machine)
      if (differs(row, columns)) observed.push({ id: row.id, poolId: state.agentId, columns })
      if (wasShutDownByGuest(row, machine)) {
        await effect('database.shutdown', () => acceptGuestShutdown(db, row.id, machine.bootGeneration))
        state.dirty = true
      }
      if (
        machine.power === 'off' &&
        row.reserved &&
        row.desired_power === 'off' &&
        row.stopped_mode === 'StopCharging'
      ) {
        await deps.store.transaction((tx) => releaseProcessors(tx, row.id))
      }
    }
    await recordCommands(deps, request, state, rowsByPool.get(state.agentId) ?? [])
    for (const tail of request.consoles) {
      if (tail.text.length > maxConsoleLength) continue
      await recordConsole(db, state.agentId, { ...tail, updatedAt: new Date(tail.updatedAt) })
    }
  }
  if (observed.length > 0) await effect('database.observed', () => recordObserved(db, observed))
  const diskReports = reports.map(({ request, state }): [string, DiskReport] => [
    state.agentId,
    {
      request,
      hasLetGo: (withdrawn) => hasLetGo(request, withdrawn),
      settled: (withdrawn) => state.withdrawn.delete(withdrawn),
    },
  ])
  await applyDiskReports({ store: deps.store, now: () => deps.clock.now() }, new Map(diskReports))
  if (removed.length > 0) {
    await deps.store.transaction(async (tx) => {
      const locked = await lockDeletedInstances(
        tx,
        removed.map((row) => row.id),
      )
      await releaseInstances(tx, deps.vpc, locked, deps.clock.now())
    })
    for (const { state } of reports) for (const row of removed) state.withdrawn.delete(row.id)
  }
}

async function recordCommands(
  deps: { store: Store },
  request: HostSyncRequest,
  state: AgentState,
  rows: readonly InstanceRow[],
): Promise<void> {
  const known = new Set(rows.map((row) => row.id))
  const news = request.observed.flatMap((machine: ObservedMachine) =>
    known.has(machine.id) ? machine.commands.map((command) => ({ machineId: machine.id, command })) : [],
  )
  const present = new Set<string>()
  const changed = news.filter(({ machineId, command }) => {
    const key = `${machineId}/${command.id}`
    present.add(key)
    return state.commandReports.get(key) !== JSON.stringify(command)
  })
  for (const key of state.commandReports.keys()) if (!present.has(key)) state.commandReports.delete(key)
  if (changed.length === 0) return
  const unfinished = await listUnfinishedCommands(deps.store.db, [...new Set(changed.map((one) => one.machineId))])
  for (const { machineId, command } of changed) {
    const target = unfinished.get(machineId)?.find((one) => one.invokeId === command.id)
    if (target && command.output.length <= maxOutputLength + 4) {
      const columns = commandColumns(command, target.stop)
      await effect('database.command', () => recordCommand(deps.store.db, command.id, machineId, columns))
      if (command.status !== 'running') state.dirty = true
    }
    state.commandReports.set(`${machineId}/${command.id}`, JSON.stringify(command))
  }
}

/** Gives back the processors and memory of an instance that is stopped with StopCharging, once. */
async function releaseProcessors(tx: Db, instanceId: string): Promise<void> {
  const row = await stopReserving(tx, instanceId)
  if (!row) return
  await release(tx, [{ poolId: row.pool_id, size: { vcpus: row.vcpus, memoryMiB: row.memory_mib, diskGiB: 0 } }])
}

function groupByPool(rows: readonly InstanceRow[]): Map<string, InstanceRow[]> {
  const byPool = new Map<string, InstanceRow[]>()
  for (const row of rows) {
    const ofPool = byPool.get(row.pool_id)
    if (ofPool) ofPool.push(row)
    else byPool.set(row.pool_id, [row])
  }
  return byPool
}
