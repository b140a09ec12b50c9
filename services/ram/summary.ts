import type { AccountId } from '@pileus/kernel/ids'
import type { Db } from '@pileus/kernel/store/store'
import { limits } from './domain/limits.ts'
import { maxDocumentLength } from './domain/policy/document.ts'
import { countGroups } from './tables/groups.ts'
import { listMfaDevices } from './tables/mfa-devices.ts'
import { countPolicies } from './tables/policies.ts'
import { countRoles } from './tables/roles.ts'
import { countUsers } from './tables/users.ts'

/** Counts and quotas, by the names of Ims `GetAccountSummary`. */
export async function summarize(db: Db, accountId: AccountId): Promise<Record<string, number>> {
  const [users, groups, roles, policies, devices] = await Promise.all([
    countUsers(db, accountId),
    countGroups(db, accountId),
    countRoles(db, accountId),
    countPolicies(db, accountId),
    listMfaDevices(db, accountId),
  ])
  return {
    Users: users,
    UsersQuota: limits.users,
    Groups: groups,
    GroupsQuota: limits.groups,
    Roles: roles,
    RolesQuota: limits.roles,
    Policies: policies,
    PoliciesQuota: limits.policies,
    PolicySizeQuota: maxDocumentLength.identity,
    VersionsPerPolicyQuota: limits.versionsPerPolicy,
    AccessKeysPerUserQuota: limits.accessKeysPerOwner,
    AccountAccessKeysPerAccountQuota: limits.accessKeysPerOwner,
    MFADevices: devices.length,
    MFADevicesInUse: devices.filter((device) => device.user_id !== null).length,
  }
}
