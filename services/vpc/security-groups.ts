/** Security groups as other products reach them. */
import type { Clock } from '@pileus/kernel/clock'
import { apiError } from '@pileus/kernel/errors'
import { newResourceId } from '@pileus/kernel/ids'
import type { Db } from '@pileus/kernel/store/store'
import { removeTags, setTags } from '@pileus/kernel/tags'
import { wake } from '@pileus/kernel/wake'
import { assertGroupsHold, getGroupsToJoin } from './cards.ts'
import { parseEcsDescription, parseEcsName } from './domain/names.ts'
import { quotas } from './domain/quotas.ts'
import { type ParsedRule, parsePermission, parsePolicy, parseRuleChange } from './domain/security-rules.ts'
import { ecsErrors, errors } from './errors.ts'
import type {
  GroupMember,
  Nic,
  Owner,
  PermissionRequest,
  SecurityGroupFacts,
  SecurityGroupsPort,
  SecurityRuleFacts,
} from './port.ts'
import { networkTopic } from './reconcilers/network.ts'
import { deleteMemberships, findNicLocked, findPrimaryNicLocked, insertMemberships } from './tables/nics.ts'
import { creationKey, pageOf, withOneMore } from './tables/paging.ts'
import { isUniqueViolation, tables } from './tables/schema.ts'
import * as ruleTable from './tables/security-group-rules.ts'
import * as groupTable from './tables/security-groups.ts'
import { tagOwner } from './tables/tags.ts'
import { findVpcLocked } from './tables/vpcs.ts'

/** The operations of the ECS product on security groups. */
export function createSecurityGroupsPort(clock: Clock): SecurityGroupsPort {
  return {
    async create(db, owner, request) {
      const type = parseType(request.type)
      const name = parseEcsName(request.name, ecsErrors['InvalidSecurityGroupName.Malformed'])
      const description = parseEcsDescription(request.description, ecsErrors['InvalidDescription.Malformed'])
      const { vpcId } = request
      if (vpcId === undefined || vpcId === '') throw apiError(errors.MissingParameter, { parameter: 'VpcId' })
      if (!(await findVpcLocked(db, owner, vpcId, 'stay'))) throw apiError(errors['InvalidVpcId.NotFound'], { vpcId })
      const { resourceGroupId = '' } = request
      const id = await insertGroup(db, owner, clock, {
        vpcId,
        name,
        description,
        type,
        resourceGroupId,
        isImplicit: false,
      })
      await setTags(db, tagOwner(owner, 'ecs', 'securitygroup'), [id], request.tags)
      await wake(db, networkTopic)
      return id
    },
    async get(db, owner, securityGroupId) {
      const group = await groupTable.findSecurityGroup(db, owner, securityGroupId)
      if (!group) throw apiError(ecsErrors['InvalidSecurityGroupId.NotFound'], { securityGroupId })
      return factsOf(group)
    },
    async list(db, owner, filter, page) {
      const { total, groups } = await groupTable.listSecurityGroups(db, owner, filter, withOneMore(page))
      const facts = groups.map(factsOf)
      return pageOf(facts, total, page, (group) => creationKey(group.createdAt, group.securityGroupId))
    },
    async listUse(db, groups) {
      const uses = await groupTable.countSecurityGroupUse(
        db,
        groups.map((group) => group.securityGroupId),
      )
      const none = { instances: 0, rules: 0, groupRules: 0, addresses: 0 }
      return new Map(
        groups.map((group) => [
          group.securityGroupId,
          {
            ...(uses.get(group.securityGroupId) ?? none),
            addressLimit: quotas.addressesPerSecurityGroup[group.type],
          },
        ]),
      )
    },
    async listRules(db, securityGroupId, filter, page) {
      const found = await ruleTable.listRules(db, securityGroupId, filter, { ...page, limit: page.limit + 1 })
      const rules = found.slice(0, page.limit)
      const last = rules.at(-1)
      return {
        rules: rules.map(ruleFactsOf),
        nextKey: found.length > page.limit && last ? creationKey(last.created_at, last.rule_id) : undefined,
      }
    },
    async listNames(db, securityGroupIds) {
      if (securityGroupIds.length === 0) return new Map()
      const rows = await tables(db)
        .selectFrom('vpc.security_groups')
        .select(['security_group_id', 'name'])
        .where('security_group_id', 'in', securityGroupIds)
        .execute()
      return new Map(rows.map((row) => [row.security_group_id, row.name]))
    },
    async listReferences(db, owner, securityGroupIds) {
      const references = new Map<string, { securityGroupId: string; accountId: string }[]>()
      for (const securityGroupId of securityGroupIds) {
        if (!(await groupTable.findSecurityGroup(db, owner, securityGroupId))) {
          throw apiError(ecsErrors['InvalidSecurityGroupId.NotFound'], { securityGroupId })
        }
        references.set(securityGroupId, [])
      }
      for (const row of await groupTable.listReferencingGroups(db, securityGroupIds)) {
        references.get(row.securityGroupId)?.push({ securityGroupId: row.referencedBy, accountId: row.accountId })
      }
      return references
    },
    async modify(db, owner, securityGroupId, change) {
      await lockGroup(db, owner, securityGroupId)
      await groupTable.updateSecurityGroup(db, securityGroupId, {
        ...(change.name !== undefined && {
          name: parseEcsName(change.name, ecsErrors['InvalidSecurityGroupName.Malformed']),
        }),
        ...(change.description !== undefined && {
          description: parseEcsDescription(change.description, ecsErrors['InvalidDescription.Malformed']),
        }),
        ...(change.innerAccess !== undefined && { inner_access: parseInnerAccess(change.innerAccess) }),
        ...(change.resourceGroupId !== undefined && { resource_group_id: change.resourceGroupId }),
      })
      if (change.innerAccess !== undefined) await wake(db, networkTopic)
    },
    async authorize(db, owner, securityGroupId, direction, permissions) {
      const rules = permissions.map((permission) => parsePermission(permission, direction))
      const group = await lockGroup(db, owner, securityGroupId)
      for (const rule of rules) await assertPeerGroup(db, owner, group, rule)
      const created_at = clock.now()
      await ruleTable.ensureRules(
        db,
        rules.map((rule) => ({
          ...rule,
          rule_id: newResourceId('sgr'),
          security_group_id: securityGroupId,
          created_at,
        })),
      )
      if ((await ruleTable.countRules(db, securityGroupId)) > quotas.rulesPerSecurityGroup) {
        throw apiError(ecsErrors.AuthorizationLimitExceed, { limit: quotas.rulesPerSecurityGroup })
      }
      await wake(db, networkTopic)
    },
    async revoke(db, owner, securityGroupId, direction, { permissions, ruleIds }) {
      const rules = permissions.map((permission) => parsePermission(permission, direction))
      await lockGroup(db, owner, securityGroupId)
      for (const rule of rules) await ruleTable.removeRule(db, securityGroupId, rule)
      await ruleTable.removeRulesById(db, securityGroupId, direction, ruleIds)
      await wake(db, networkTopic)
    },
    async modifyRule(db, owner, securityGroupId, direction, ruleId, change) {
      const group = await lockGroup(db, owner, securityGroupId)
      if (ruleId === undefined) await describeRule(db, securityGroupId, direction, change)
      else await changeRule(db, owner, group, direction, ruleId, change)
      await wake(db, networkTopic)
    },
    async delete(db, owner, securityGroupId) {
      const group = await groupTable.findSecurityGroupLocked(db, owner, securityGroupId, 'delete')
      if (!group) throw apiError(ecsErrors['InvalidSecurityGroupId.NotFound'], { securityGroupId })
      const members = await groupTable.listMemberNicIds(db, securityGroupId, 5)
      if (members.length > 0) throw inUse(securityGroupId, `the network interfaces ${members.join(', ')}`)
      const references = await groupTable.listReferencingGroups(db, [securityGroupId])
      if (references.length > 0) {
        const others = references.map((reference) => reference.referencedBy).slice(0, 5)
        throw inUse(securityGroupId, `rules of the security groups ${others.join(', ')}`)
      }
      await groupTable.deleteSecurityGroup(db, securityGroupId)
      await removeTags(db, tagOwner(owner, 'ecs', 'securitygroup'), [securityGroupId], 'all')
      await wake(db, networkTopic)
    },
    async join(db, owner, securityGroupId, member) {
      const nic = await lockMember(db, owner, member)
      if (nic.securityGroupIds.includes(securityGroupId)) {
        throw apiError(ecsErrors['InvalidInstanceId.AlreadyExists'], { resource: nameOf(member), securityGroupId })
      }
      const groups = await getGroupsToJoin(db, owner, [...nic.securityGroupIds, securityGroupId], nic.vpcId)
      const joined = groups.filter((group) => group.security_group_id === securityGroupId)
      await assertGroupsHold(db, joined, 1 + nic.secondaryIps.length)
      await insertMemberships(db, [nic.nicId], [securityGroupId])
      await wake(db, networkTopic)
    },
    async leave(db, owner, securityGroupId, member) {
      const nic = await lockMember(db, owner, member)
      if (!(await groupTable.findSecurityGroup(db, owner, securityGroupId))) {
        throw apiError(ecsErrors['InvalidSecurityGroupId.NotFound'], { securityGroupId })
      }
      if (!nic.securityGroupIds.includes(securityGroupId)) {
        throw apiError(ecsErrors.InstanceNotInSecurityGroup, { resource: nameOf(member), securityGroupId })
      }
      if (nic.securityGroupIds.length === 1) {
        throw apiError(ecsErrors.InstanceLastSecurityGroup, { resource: nameOf(member) })
      }
      await deleteMemberships(db, nic.nicId, [securityGroupId])
      await wake(db, networkTopic)
    },
  }
}

/** Makes a group. @throws QuotaExceed.SecurityGroup */
export async function insertGroup(
  db: Db,
  owner: Owner,
  clock: Clock,
  group: {
    vpcId: string
    name: string
    description: string
    type: 'normal' | 'enterprise'
    resourceGroupId: string
    isImplicit: boolean
  },
): Promise<string> {
  if ((await groupTable.countSecurityGroupsForInsert(db, owner)) >= quotas.securityGroupsPerRegion) {
    throw apiError(ecsErrors['QuotaExceed.SecurityGroup'], { limit: quotas.securityGroupsPerRegion })
  }
  const security_group_id = newResourceId('sg')
  await groupTable.insertSecurityGroup(db, {
    security_group_id,
    account_id: owner.accountId,
    region_id: owner.regionId,
    vpc_id: group.vpcId,
    name: group.name,
    description: group.description,
    type: group.type,
    inner_access: group.type === 'normal' ? 'Accept' : 'Drop',
    is_implicit: group.isImplicit,
    resource_group_id: group.resourceGroupId,
    created_at: clock.now(),
  })
  return security_group_id
}

async function lockGroup(db: Db, owner: Owner, securityGroupId: string) {
  const group = await groupTable.findSecurityGroupLocked(db, owner, securityGroupId, 'change')
  if (!group) throw apiError(ecsErrors['InvalidSecurityGroupId.NotFound'], { securityGroupId })
  return group
}

async function lockMember(db: Db, owner: Owner, member: GroupMember): Promise<Nic> {
  if (member.kind === 'nic') {
    const nic = await findNicLocked(db, owner, member.nicId)
    if (nic) return nic
    throw apiError(ecsErrors['InvalidEniId.NotFound'], { nicId: member.nicId })
  }
  const nic = await findPrimaryNicLocked(db, owner, member.instanceId)
  if (nic) return nic
  throw apiError(ecsErrors['InvalidInstanceId.NotFound'], { instanceId: member.instanceId })
}

/** The group that a rule names must be there, of the same VPC, and stay as long as the rule does. */
async function assertPeerGroup(db: Db, owner: Owner, group: groupTable.SecurityGroup, rule: ParsedRule): Promise<void> {
  if (rule.peer_group_id === '') return
  const securityGroupId = rule.peer_group_id
  if (securityGroupId === group.security_group_id) {
    throw apiError(ecsErrors['InvalidParamter.Conflict'], { securityGroupId })
  }
  if (group.type === 'enterprise') throw apiError(ecsErrors['InvalidOperation.EnterpriseGroup'])
  const side = rule.direction === 'ingress' ? 'InvalidSourceGroupId' : 'InvalidDestGroupId'
  const peer = await groupTable.findSecurityGroupLocked(db, owner, securityGroupId, 'stay')
  if (!peer) throw apiError(ecsErrors[`${side}.NotFound`], { securityGroupId })
  if (peer.vpc_id !== group.vpc_id) throw apiError(ecsErrors[`${side}.Mismatch`], { securityGroupId })
}

async function describeRule(
  db: Db,
  securityGroupId: string,
  direction: 'ingress' | 'egress',
  change: PermissionRequest,
) {
  const wanted = parsePermission(change, direction)
  const rule = await ruleTable.findRule(db, securityGroupId, wanted)
  if (!rule) {
    const { protocol, port_range, peer_cidr, peer_group_id } = wanted
    const text = `${direction} ${protocol} ${port_range} ${peer_cidr || peer_group_id}`
    throw apiError(ecsErrors['SecurityGroupRule.NotFound'], { securityGroupId, rule: text })
  }
  await ruleTable.updateRule(db, rule.rule_id, { description: wanted.description })
}

async function changeRule(
  db: Db,
  owner: Owner,
  group: groupTable.SecurityGroup,
  direction: 'ingress' | 'egress',
  ruleId: string,
  change: PermissionRequest,
) {
  const securityGroupId = group.security_group_id
  const rule = await ruleTable.findRuleById(db, securityGroupId, direction, ruleId)
  if (!rule) throw apiError(ecsErrors['SecurityGroupRule.NotFound'], { securityGroupId, rule: ruleId })
  const wanted = parseRuleChange(rule, change, direction)
  await assertPeerGroup(db, owner, group, wanted)
  const twin = await ruleTable.findRule(db, securityGroupId, wanted)
  if (twin && twin.rule_id !== ruleId) throw apiError(ecsErrors['InvalidSecurityGroup.RuleConflict'])
  try {
    await ruleTable.updateRule(db, ruleId, wanted)
  } catch (error) {
    if (isUniqueViolation(error)) throw apiError(ecsErrors['InvalidSecurityGroup.RuleConflict'], {}, { cause: error })
    throw error
  }
}

function parseType(value: string | undefined): 'normal' | 'enterprise' {
  if (value === undefined || value === '' || value === 'normal') return 'normal'
  if (value === 'enterprise') return 'enterprise'
  throw apiError(ecsErrors['InvalidParams.GroupType'], { value })
}

function parseInnerAccess(value: string): 'Accept' | 'Drop' {
  if (value === '') throw apiError(errors.MissingParameter, { parameter: 'InnerAccessPolicy' })
  return parsePolicy(value, 'InnerAccessPolicy')
}

function inUse(securityGroupId: string, dependants: string) {
  return apiError(ecsErrors.DependencyViolation, { securityGroupId, dependants })
}

function nameOf(member: GroupMember): string {
  return member.kind === 'nic' ? member.nicId : member.instanceId
}

function factsOf(group: groupTable.SecurityGroup): SecurityGroupFacts {
  return {
    securityGroupId: group.security_group_id,
    vpcId: group.vpc_id,
    name: group.name,
    description: group.description,
    type: group.type,
    innerAccess: group.inner_access,
    resourceGroupId: group.resource_group_id,
    createdAt: group.created_at,
  }
}

function ruleFactsOf(rule: ruleTable.SecurityGroupRule): SecurityRuleFacts {
  return {
    ruleId: rule.rule_id,
    direction: rule.direction,
    policy: rule.policy,
    priority: rule.priority,
    protocol: rule.protocol,
    portRange: rule.port_range,
    sourcePortRange: rule.source_port_range,
    peerCidr: rule.peer_cidr,
    peerGroupId: rule.peer_group_id,
    localCidr: rule.local_cidr,
    description: rule.description,
    createdAt: rule.created_at,
  }
}
