/** Reads what is desired of the machines of some pools. */
import type { DesiredMachine, KeptDisk } from '@pileus/kernel/fabric/machines'
import type { Log } from '@pileus/kernel/log'
import type { Store } from '@pileus/kernel/store/store'
import type { KmsPort } from '@pileus/kms/port'
import type { VpcPort } from '@pileus/vpc/port'
import { withDiskSecrets } from '../disk-keys.ts'
import { desiredMachine, keptDisk, machineHash } from '../domain/desired-machine.ts'
import { listDisksApart } from '../tables/disk-moves.ts'
import { listDisksOfInstances } from '../tables/disks.ts'
import { listPublicKeys } from '../tables/key-pairs.ts'
import { listInstancesOfPools, listUnfinishedCommands, recordOffers } from '../tables/machines.ts'
import type { DiskRow, InstanceRow } from '../tables/schema.ts'
import { detachmentOf } from './apply-disks.ts'
import type { RoleCredentialSource } from './role-credentials.ts'

export interface ComposedMachines {
  machines: DesiredMachine[]
  /** Disks to keep besides those of the machines. */
  disks: KeptDisk[]
  /** What is no longer named and waits for the host to confirm it: instances, disks, and disks of instances. */
  withdrawn: string[]
  /** Some machine is not offered yet, because its card is not ready. */
  holdsBack: boolean
}

/** Documents by pool. Pools with nothing are absent. Records the offers before they are made. */
export async function composeMachines(
  deps: { store: Store; vpc: VpcPort; kms: KmsPort; log: Log; roleCredentials: RoleCredentialSource },
  poolIds: readonly string[],
): Promise<Map<string, ComposedMachines>> {
  const { db } = deps.store
  const rows = await listInstancesOfPools(db, poolIds)
  const apart = await listDisksApart(db, poolIds)
  if (rows.length + apart.length === 0) return new Map()
  const wanted = rows.filter((row) => row.deleted_at === null)
  const ids = wanted.map((row) => row.id)
  const [disks, nics, commands, keys, ramRoles] = await Promise.all([
    listDisksOfInstances(db, ids),
    deps.vpc.listNicsOfInstances(db, ids),
    listUnfinishedCommands(db, ids),
    listPublicKeys(db, wanted),
    deps.roleCredentials.findAll(wanted),
  ])
  const vswitchIds = new Set([...nics.values()].flat().map((nic) => nic.vswitchId))
  const vswitches = await deps.vpc.listVSwitchFacts(db, [...vswitchIds])

  const composed = new Map<string, ComposedMachines>()
  const ofPool = (poolId: string) => {
    const pool = composed.get(poolId) ?? { machines: [], disks: [], withdrawn: [], holdsBack: false }
    composed.set(poolId, pool)
    return pool
  }
  for (const disk of apart) {
    const pool = ofPool(disk.pool_id ?? '')
    if (disk.status === 'Deleting') pool.withdrawn.push(disk.id)
    else pool.disks.push(keptDisk(disk))
    if (disk.status === 'Detaching') pool.withdrawn.push(detachmentOf(disk))
  }
  const offers: { id: string; hash: string }[] = []
  for (const instance of rows) {
    const pool = ofPool(instance.pool_id)
    if (instance.deleted_at !== null) {
      pool.withdrawn.push(instance.id)
      continue
    }
    const cards = nics.get(instance.id) ?? []
    const itsDisks = (disks.get(instance.id) ?? []).filter((disk) => !disk.detaching)
    const [primary] = cards
    // A machine that its host knows stays offered whatever its cards do: absence would remove it.
    if (!primary || (instance.offered_hash === null && !deps.vpc.isNicReady(primary.nicId))) {
      pool.holdsBack = true
      continue
    }
    const machine = desiredMachine({
      instance,
      disks: itsDisks,
      nics: cards,
      vswitches,
      publicKey: keys.get(`${instance.account_id}/${instance.region_id}/${instance.key_pair_name}`),
      ramRole: ramRoles.get(instance.id),
      commands: commands.get(instance.id) ?? [],
    })
    const hash = machineHash(machine)
    if (hash !== instance.offered_hash) offers.push({ id: instance.id, hash })
    pool.machines.push(await withKeys(deps, machine, instance, itsDisks))
  }
  return await withOffersRecorded(deps, composed, offers)
}

/**
 * Keys are no part of what the machine is, so they come after its hash; a machine that is to stay off needs none, but for
 * disks that are to be made.
 */
async function withKeys(
  deps: { kms: KmsPort; log: Log },
  machine: DesiredMachine,
  instance: InstanceRow,
  rows: readonly DiskRow[],
): Promise<DesiredMachine> {
  const isMade = instance.started_at !== null && rows.every((disk) => disk.status === 'In_use')
  if ((machine.power === 'off' && isMade) || !machine.disks.some((disk) => disk.encryption)) return machine
  return { ...machine, disks: await withDiskSecrets(deps, machine.disks, rows) }
}

async function withOffersRecorded(
  deps: { store: Store },
  composed: Map<string, ComposedMachines>,
  offers: readonly { id: string; hash: string }[],
): Promise<Map<string, ComposedMachines>> {
  const generations = await recordOffers(deps.store.db, offers)
  const gone = new Set(offers.map((offer) => offer.id).filter((id) => !generations.has(id)))
  for (const pool of composed.values()) {
    pool.machines = pool.machines
      .filter((machine) => !gone.has(machine.id))
      .map((machine) => ({ ...machine, generation: generations.get(machine.id) ?? machine.generation }))
  }
  return composed
}
