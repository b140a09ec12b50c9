/** The port of this product, joined from its parts. */
import type { Clock } from '@pileus/kernel/clock'
import { apiError } from '@pileus/kernel/errors'
import type { HostedRegions } from '@pileus/kernel/hosted-regions'
import { newResourceId } from '@pileus/kernel/ids'
import type { Db } from '@pileus/kernel/store/store'
import { removeTags } from '@pileus/kernel/tags'
import { wake } from '@pileus/kernel/wake'
import { createCards } from './cards.ts'
import { ecsErrors, errors } from './errors.ts'
import { assertNoRoutesTo, createNetworkInterfacesPort, setNicGroups } from './network-interfaces.ts'
import { ensureDefaultVSwitch } from './networks.ts'
import { listVSwitchFacts, lockVSwitch, placeOf } from './places.ts'
import type { Nic, Owner, VpcPort } from './port.ts'
import { networkTopic, type ReadyNics } from './reconcilers/network.ts'
import { createSecurityGroupsPort, insertGroup } from './security-groups.ts'
import * as nicTable from './tables/nics.ts'
import { ensureRules } from './tables/security-group-rules.ts'
import { findImplicitSecurityGroup, findSecurityGroup, listSecurityGroups } from './tables/security-groups.ts'
import { findVpcLocked } from './tables/vpcs.ts'
import { lockDefaults } from './tables/vswitches.ts'

export interface VpcPortDeps {
  clock: Clock
  hosted: HostedRegions
  ready: ReadyNics
}

export function createVpcPort({ clock, hosted, ready }: VpcPortDeps): VpcPort {
  return {
    securityGroups: createSecurityGroupsPort(clock),
    networkInterfaces: createNetworkInterfacesPort(clock),
    isNicReady: (nicId) => ready.has(nicId),
    lockVSwitch,
    listVSwitchFacts,
    async ensureDefaultVSwitch(db, owner, zoneId) {
      return placeOf(await ensureDefaultVSwitch(db, owner, clock, hosted, zoneId))
    },
    ensureDefaultSecurityGroup: (db, owner, vpcId) => ensureDefaultSecurityGroup(db, owner, clock, vpcId),
    async getSecurityGroupVpc(db, owner, securityGroupId) {
      const group = await findSecurityGroup(db, owner, securityGroupId)
      if (!group) throw apiError(ecsErrors['InvalidSecurityGroupId.NotFound'], { securityGroupId })
      return group.vpc_id
    },
    async createInstanceNics(db, owner, request) {
      const nics = await createCards(db, owner, clock, {
        vswitch: request.vswitch,
        securityGroupIds: request.securityGroupIds,
        type: 'Primary',
        name: '',
        description: '',
        deleteOnRelease: true,
        sourceDestCheck: false,
        resourceGroupId: '',
        taken: ecsErrors['InvalidIPAddress.AlreadyUsed'],
        cards: request.instances.map(({ instanceId, hostname }) => ({
          instanceId,
          hostname,
          primaryIp: request.primaryIp,
          secondaryIps: [],
          secondaryCount: 0,
        })),
      })
      await wake(db, networkTopic)
      return nics
    },
    async listNicsOfInstances(db, instanceIds) {
      const byInstance = new Map<string, Nic[]>()
      for (const nic of await nicTable.listNicsOfInstances(db, instanceIds)) {
        if (nic.instanceId === undefined) continue
        const nics = byInstance.get(nic.instanceId)
        if (nics) nics.push(nic)
        else byInstance.set(nic.instanceId, [nic])
      }
      return byInstance
    },
    listInstanceIds: nicTable.listInstanceIds,
    async setInstanceSecurityGroups(db, owner, instanceId, securityGroupIds) {
      const nic = await nicTable.findPrimaryNicLocked(db, owner, instanceId)
      if (!nic) throw apiError(ecsErrors['InvalidInstanceId.NotFound'], { instanceId })
      await setNicGroups(db, owner, nic, securityGroupIds)
    },
    async releaseInstanceNics(db, instanceIds) {
      const nics = await nicTable.listNicsOfInstances(db, instanceIds)
      if (nics.length === 0) return
      const gone = nics.filter((nic) => nic.deleteOnRelease || nic.type === 'Primary').map((nic) => nic.nicId)
      const goneIds = new Set(gone)
      await nicTable.deleteNics(db, gone)
      await removeTags(db, { product: 'ecs', resourceType: 'eni' }, gone, 'all')
      for (const nic of nics) {
        if (goneIds.has(nic.nicId)) continue
        await nicTable.updateNic(db, nic.nicId, { instance_id: null, attached_at: null, hostname: '' })
      }
      await wake(db, networkTopic)
    },
    async setInstanceHostname(db, owner, instanceId, hostname) {
      const nic = await nicTable.findPrimaryNicLocked(db, owner, instanceId)
      if (!nic) throw apiError(ecsErrors['InvalidInstanceId.NotFound'], { instanceId })
      await nicTable.updateNic(db, nic.nicId, { hostname })
      await wake(db, networkTopic)
    },
    async assertNotNextHop(db, owner, instanceIds) {
      const own = await nicTable.listNicsOfInstances(db, instanceIds)
      const released = own.filter((nic) => nic.deleteOnRelease && nic.accountId === owner.accountId)
      await assertNoRoutesTo(db, instanceIds.join(', '), [...instanceIds, ...released.map((nic) => nic.nicId)])
    },
    async listOwnedIds(db, owner, resourceType, ids) {
      if (ids.length === 0) return []
      const page = { kind: 'number', pageNumber: 1, pageSize: ids.length } as const
      if (resourceType === 'eni') {
        const { nics } = await nicTable.listNics(db, owner, { nicIds: ids }, page)
        return nics.map((nic) => nic.nicId)
      }
      const { groups } = await listSecurityGroups(db, owner, { securityGroupIds: ids }, page)
      return groups.map((group) => group.security_group_id)
    },
  }
}

/** The group that instances get who name none: open to SSH, RDP and ping, as the vendor's default one. */
async function ensureDefaultSecurityGroup(db: Db, owner: Owner, clock: Clock, vpcId: string): Promise<string> {
  const found = await findImplicitSecurityGroup(db, owner, vpcId)
  if (found) return found.security_group_id
  await lockDefaults(db, owner)
  const meanwhile = await findImplicitSecurityGroup(db, owner, vpcId)
  if (meanwhile) return meanwhile.security_group_id
  if (!(await findVpcLocked(db, owner, vpcId, 'stay'))) throw apiError(errors['InvalidVpcId.NotFound'], { vpcId })
  const securityGroupId = await insertGroup(db, owner, clock, {
    vpcId,
    name: 'default',
    description: 'Made for instances that name no security group',
    type: 'normal',
    resourceGroupId: '',
    isImplicit: true,
  })
  const common = {
    security_group_id: securityGroupId,
    direction: 'ingress',
    policy: 'Accept',
    priority: 100,
    source_port_range: '',
    peer_cidr: '0.0.0.0/0',
    peer_group_id: '',
    local_cidr: '',
    description: '',
    created_at: clock.now(),
  } as const
  await ensureRules(db, [
    { ...common, rule_id: newResourceId('sgr'), protocol: 'ICMP', port_range: '-1/-1' },
    { ...common, rule_id: newResourceId('sgr'), protocol: 'TCP', port_range: '22/22' },
    { ...common, rule_id: newResourceId('sgr'), protocol: 'TCP', port_range: '3389/3389' },
  ])
  return securityGroupId
}
