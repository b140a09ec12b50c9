/** Network interfaces as other products reach them. */

import type { Clock } from '@pileus/kernel/clock'
import { apiError } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import type { Db } from '@pileus/kernel/store/store'
import { removeTags, setTags } from '@pileus/kernel/tags'
import { wake } from '@pileus/kernel/wake'
import { addSecondaryAddresses, assertGroupsHold, createCards, getGroupsToJoin } from './cards.ts'
import { parseEcsDescription, parseEcsName } from './domain/names.ts'
import { quotas } from './domain/quotas.ts'
import { ecsErrors, errors } from './errors.ts'
import { lockVSwitch } from './places.ts'
import type { NetworkInterfacesPort, Nic, Owner } from './port.ts'
import { machinesTopic, networkTopic } from './reconcilers/network.ts'
import { deleteSecondaryAddresses } from './tables/addresses.ts'
import * as nicTable from './tables/nics.ts'
import { creationKey, pageOf, withOneMore } from './tables/paging.ts'
import { listRouteEntriesTo } from './tables/route-tables.ts'
import { tagOwner } from './tables/tags.ts'

/** The operations of the ECS product on network interfaces. */
export function createNetworkInterfacesPort(clock: Clock): NetworkInterfacesPort {
  return {
    async create(db, owner, request) {
      const name = parseEcsName(request.name, ecsErrors['InvalidEniName.Malformed'])
      const description = parseEcsDescription(request.description, ecsErrors['InvalidDescription.Malformed'])
      if (request.securityGroupIds.length === 0) {
        throw apiError(errors.MissingParameter, { parameter: 'SecurityGroupId' })
      }
      if ((await nicTable.countNicsForInsert(db, owner)) >= quotas.nicsPerRegion) {
        throw apiError(ecsErrors.MaxEniCountExceeded, { limit: quotas.nicsPerRegion })
      }
      const [nic] = await createCards(db, owner, clock, {
        vswitch: await lockVSwitch(db, owner, request.vswitchId),
        securityGroupIds: request.securityGroupIds,
        type: 'Secondary',
        name,
        description,
        deleteOnRelease: request.deleteOnRelease,
        sourceDestCheck: request.sourceDestCheck,
        resourceGroupId: request.resourceGroupId ?? '',
        taken: ecsErrors['InvalidIp.IpAssigned'],
        cards: [
          {
            instanceId: undefined,
            hostname: '',
            primaryIp: request.primaryIp,
            secondaryIps: request.secondaryIps,
            secondaryCount: request.secondaryCount,
          },
        ],
      })
      if (!nic) throw new Error('no card was made')
      await setTags(db, tagOwner(owner, 'ecs', 'eni'), [nic.nicId], request.tags)
      await wake(db, networkTopic)
      return nic
    },
    async get(db, owner, nicId) {
      const nic = await nicTable.findNic(db, owner, nicId)
      if (!nic) throw apiError(ecsErrors['InvalidEniId.NotFound'], { nicId })
      return nic
    },
    async list(db, owner, filter, page) {
      const { total, nics } = await nicTable.listNics(db, owner, filter, withOneMore(page))
      return pageOf(nics, total, page, (nic) => creationKey(nic.createdAt, nic.nicId))
    },
    async modify(db, owner, nicId, change) {
      const nic = await lockNic(db, owner, nicId)
      await nicTable.updateNic(db, nicId, {
        ...(change.name !== undefined && { name: parseEcsName(change.name, ecsErrors['InvalidEniName.Malformed']) }),
        ...(change.description !== undefined && {
          description: parseEcsDescription(change.description, ecsErrors['InvalidDescription.Malformed']),
        }),
        ...(change.deleteOnRelease !== undefined && { delete_on_release: change.deleteOnRelease }),
        ...(change.sourceDestCheck !== undefined && { source_dest_check: change.sourceDestCheck }),
      })
      if (change.securityGroupIds) await setNicGroups(db, owner, nic, change.securityGroupIds)
    },
    async delete(db, owner, nicId) {
      const nic = await lockNic(db, owner, nicId)
      if (nic.instanceId !== undefined) {
        throw apiError(ecsErrors['InvalidOperation.InvalidEniState'], {
          nicId,
          status: nic.status,
          reason: say`it is attached to ${nic.instanceId}`,
        })
      }
      await assertNoRoutesTo(db, nicId, [nicId])
      await nicTable.deleteNics(db, [nicId])
      await removeTags(db, tagOwner(owner, 'ecs', 'eni'), [nicId], 'all')
      await wake(db, networkTopic)
    },
    async attach(db, owner, nicId, instance) {
      const nic = await lockNic(db, owner, nicId)
      if (nic.instanceId === instance.instanceId) return
      if (nic.instanceId !== undefined) {
        throw apiError(ecsErrors['InvalidOperation.InvalidEniState'], {
          nicId,
          status: nic.status,
          reason: say`it is attached to ${nic.instanceId}`,
        })
      }
      const others = await nicTable.listNicsOfInstances(db, [instance.instanceId])
      const primary = others.find((other) => other.type === 'Primary')
      if (nic.zoneId !== instance.zoneId) {
        throw apiError(ecsErrors['InvalidOperation.AvailabilityZoneMismatch'], {
          nicId,
          zoneId: nic.zoneId,
          instanceZoneId: instance.zoneId,
        })
      }
      if (primary && primary.vpcId !== nic.vpcId) {
        throw apiError(ecsErrors['InvalidOperation.VpcMismatch'], {
          nicId,
          vpcId: nic.vpcId,
          instanceVpcId: primary.vpcId,
        })
      }
      if (others.length >= instance.nicLimit) {
        throw apiError(ecsErrors.EniPerInstanceLimitExceeded, {
          instanceType: instance.instanceType,
          limit: instance.nicLimit,
        })
      }
      await nicTable.updateNic(db, nicId, {
        instance_id: instance.instanceId,
        attached_at: clock.now(),
        hostname: primary?.hostname ?? '',
      })
      await wakeBoth(db)
    },
    async detach(db, owner, nicId, instanceId) {
      const nic = await lockNic(db, owner, nicId)
      if (nic.instanceId === undefined) return
      if (nic.instanceId !== instanceId) {
        throw apiError(ecsErrors['InvalidOperation.InvalidEniState'], {
          nicId,
          status: nic.status,
          reason: say`it is not attached to ${instanceId}`,
        })
      }
      if (nic.type === 'Primary') throw apiError(ecsErrors['InvalidOperation.DetachPrimaryEniNotAllowed'], { nicId })
      await nicTable.updateNic(db, nicId, { instance_id: null, attached_at: null, hostname: '' })
      await wakeBoth(db)
    },
    async assignIps(db, owner, nicId, wanted) {
      const nic = await lockNic(db, owner, nicId)
      const added = await addSecondaryAddresses(db, owner, nic, wanted)
      await wake(db, networkTopic)
      return added
    },
    async unassignIps(db, owner, nicId, ips) {
      const nic = await lockNic(db, owner, nicId)
      const ip = ips.find((candidate) => !nic.secondaryIps.includes(candidate))
      if (ip !== undefined) throw apiError(ecsErrors['InvalidIp.IpUnassigned'], { ip, nicId })
      await deleteSecondaryAddresses(db, nicId, ips)
      await wake(db, networkTopic)
    },
  }
}

/** Replaces a card's groups; the caller has locked the card. */
export async function setNicGroups(db: Db, owner: Owner, nic: Nic, securityGroupIds: readonly string[]): Promise<void> {
  if (securityGroupIds.length === 0) throw apiError(errors.MissingParameter, { parameter: 'SecurityGroupId' })
  const groups = await getGroupsToJoin(db, owner, securityGroupIds, nic.vpcId)
  const added = groups.filter((group) => !nic.securityGroupIds.includes(group.security_group_id))
  await assertGroupsHold(db, added, 1 + nic.secondaryIps.length)
  await nicTable.deleteMemberships(
    db,
    nic.nicId,
    nic.securityGroupIds.filter((id) => !securityGroupIds.includes(id)),
  )
  await nicTable.insertMemberships(
    db,
    [nic.nicId],
    added.map((group) => group.security_group_id),
  )
  await wake(db, networkTopic)
}

/** @throws DependencyViolation.RouteEntry */
export async function assertNoRoutesTo(db: Db, resource: string, nextHopIds: readonly string[]): Promise<void> {
  const entries = await listRouteEntriesTo(db, nextHopIds)
  if (entries.length === 0) return
  const dependants = entries
    .slice(0, 5)
    .map((entry) => `${entry.destination} in ${entry.route_table_id}`)
    .join(', ')
  throw apiError(errors['DependencyViolation.RouteEntry'], { resource, dependants })
}

async function lockNic(db: Db, owner: Owner, nicId: string): Promise<Nic> {
  const nic = await nicTable.findNicLocked(db, owner, nicId)
  if (!nic) throw apiError(ecsErrors['InvalidEniId.NotFound'], { nicId })
  return nic
}

async function wakeBoth(db: Db): Promise<void> {
  await wake(db, networkTopic)
  await wake(db, machinesTopic)
}
