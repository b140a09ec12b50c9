/** Parameters that the actions on security groups and network interfaces share. */

import { apiError, commonErrors, errorCatalogue } from '@pileus/kernel/errors'
import type { AccountId } from '@pileus/kernel/ids'
import { say } from '@pileus/kernel/messages/text'
import type { Page } from '@pileus/kernel/pagination'
import { encodeToken } from '@pileus/kernel/pagination'
import type { GroupMember, Nic, PageOf, PermissionRequest, TagCondition } from '@pileus/vpc/port'

/** A rule as requests carry it, with who owns the group that it names. */
export interface WirePermission extends PermissionRequest {
  SourceGroupOwnerId?: number | string | undefined
  SourceGroupOwnerAccount?: string | undefined
  DestGroupOwnerId?: number | string | undefined
  DestGroupOwnerAccount?: string | undefined
}

/** The rules of a request: those of `Permissions.N`, or the one that its flat parameters make. */
export function parsePermissions(
  request: WirePermission & { Permissions?: readonly WirePermission[] | undefined },
  accountId: AccountId,
): PermissionRequest[] {
  const { Permissions = [] } = request
  if (Permissions.length > 100) {
    throw apiError(commonErrors.InvalidParameter, {
      parameter: 'Permissions',
      reason: say`at most 100 can be given, and ${Permissions.length} are.`,
    })
  }
  if (Permissions.length > 0) return Permissions.map((permission) => flatPermission(permission, accountId))
  return [flatPermission(request, accountId)]
}

/** What a revocation names: rules by id, or else by what they say. */
export function parseRevocation(
  request: WirePermission & {
    Permissions?: readonly WirePermission[] | undefined
    SecurityGroupRuleId?: readonly string[] | undefined
  },
  accountId: AccountId,
): { permissions: PermissionRequest[]; ruleIds: string[] } {
  const ruleIds = (request.SecurityGroupRuleId ?? []).filter((id) => id !== '')
  return ruleIds.length > 0
    ? { permissions: [], ruleIds }
    : { permissions: parsePermissions(request, accountId), ruleIds: [] }
}

/** One rule. @throws InvalidParameter for groups of other accounts, which rules cannot name. */
export function flatPermission(given: WirePermission, accountId: AccountId): PermissionRequest {
  const owners = {
    SourceGroupOwnerId: given.SourceGroupOwnerId,
    SourceGroupOwnerAccount: given.SourceGroupOwnerAccount,
    DestGroupOwnerId: given.DestGroupOwnerId,
    DestGroupOwnerAccount: given.DestGroupOwnerAccount,
  }
  for (const [parameter, owner] of Object.entries(owners)) {
    if (owner === undefined || owner === '' || String(owner) === accountId) continue
    throw apiError(commonErrors.InvalidParameter, {
      parameter,
      reason: say`rules can name security groups of your own account only.`,
    })
  }
  return {
    IpProtocol: given.IpProtocol,
    PortRange: given.PortRange,
    SourcePortRange: given.SourcePortRange,
    Policy: given.Policy,
    Priority: given.Priority,
    NicType: given.NicType,
    SourceCidrIp: given.SourceCidrIp,
    DestCidrIp: given.DestCidrIp,
    SourceGroupId: given.SourceGroupId,
    DestGroupId: given.DestGroupId,
    Ipv6SourceCidrIp: given.Ipv6SourceCidrIp,
    Ipv6DestCidrIp: given.Ipv6DestCidrIp,
    SourcePrefixListId: given.SourcePrefixListId,
    DestPrefixListId: given.DestPrefixListId,
    PortRangeListId: given.PortRangeListId,
    Description: given.Description,
  }
}

/** `Tag.N` as conditions; entries without a key ask for nothing. */
export function parseTagConditions(
  given: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined,
): TagCondition[] {
  return (given ?? []).filter((tag) => tag.Key).map((tag) => ({ key: tag.Key ?? '', value: tag.Value }))
}

/** The paging fields of an answer, in the style of the question. */
export function pagingOf(page: Page, listed: PageOf<unknown>) {
  return page.kind === 'number'
    ? { TotalCount: listed.total, PageNumber: page.pageNumber, PageSize: page.pageSize, NextToken: '' }
    : {
        TotalCount: listed.total,
        PageSize: page.limit,
        NextToken: listed.nextKey === undefined ? '' : encodeToken(listed.nextKey),
      }
}

/** An id filter that clients may send empty. */
export function given(value: string | undefined): string | undefined {
  return value === '' ? undefined : value
}

/** The addresses of a card, primary first. */
export function privateIpSets(nic: Nic): { PrivateIpAddress: string; Primary: boolean }[] {
  return [
    { PrivateIpAddress: nic.primaryIp, Primary: true },
    ...nic.secondaryIps.map((ip) => ({ PrivateIpAddress: ip, Primary: false })),
  ]
}

/** @throws InvalidParameter naming the first parameter that asks for what network interfaces do not have here. */
export function refuseUnoffered(parameters: Readonly<Record<string, unknown>>): void {
  for (const [parameter, value] of Object.entries(parameters)) {
    const isEmpty = Array.isArray(value) ? value.length === 0 : value === undefined || value === '' || value === false
    if (isEmpty || value === 0) continue
    throw apiError(commonErrors.InvalidParameter, {
      parameter,
      reason: say`this cloud does not offer it; leave it out.`,
    })
  }
}

/** The card or instance that a group action is about: exactly one of the two. @throws MissingParameter, InvalidParameter */
export function parseGroupMember(request: {
  InstanceId?: string | undefined
  NetworkInterfaceId?: string | undefined
}): GroupMember {
  const { InstanceId, NetworkInterfaceId } = request
  if (InstanceId && NetworkInterfaceId) {
    throw apiError(commonErrors.InvalidParameter, {
      parameter: 'NetworkInterfaceId',
      reason: say`it cannot be given together with InstanceId.`,
    })
  }
  if (InstanceId) return { kind: 'instance', instanceId: InstanceId }
  if (NetworkInterfaceId) return { kind: 'nic', nicId: NetworkInterfaceId }
  throw apiError(commonErrors.MissingParameter, { parameter: 'InstanceId' })
}

const stoppedErrors = errorCatalogue({
  'InvalidOperation.InvalidEcsState': [
    400,
    'The instance {instanceId} is {status}; network interfaces are attached and detached while it is Stopped.',
  ],
})

/** @throws InvalidOperation.InvalidEcsState unless the instance is Stopped. */
export function requireStopped({ instanceId, status }: { instanceId: string; status: string }): void {
  if (status === 'Stopped') return
  throw apiError(stoppedErrors['InvalidOperation.InvalidEcsState'], { instanceId, status })
}
