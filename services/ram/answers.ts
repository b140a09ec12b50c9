/** Rows as the API writes them. */
import { isoSeconds } from '@pileus/kernel/clock'
import { type SystemPolicy, systemPoliciesSince } from './domain/system-policies.ts'
import type { GroupRow } from './tables/groups.ts'
import type { LoginProfileRow } from './tables/login-profiles.ts'
import type { PolicyRow, PolicyVersionRow } from './tables/policies.ts'
import type { RoleRow } from './tables/roles.ts'
import type { UserRow } from './tables/users.ts'

export function roleArn(accountId: string, roleName: string): string {
  return `acs:ram::${accountId}:role/${roleName}`
}

export function describeUser(user: UserRow) {
  return {
    UserId: user.user_id,
    UserName: user.user_name,
    DisplayName: user.display_name,
    MobilePhone: user.mobile_phone,
    Email: user.email,
    Comments: user.comments,
    CreateDate: isoSeconds(user.created_at),
    UpdateDate: isoSeconds(user.updated_at),
  }
}

export function describeLoginProfile(userName: string, profile: LoginProfileRow) {
  return {
    UserName: userName,
    MFABindRequired: profile.mfa_bind_required,
    PasswordResetRequired: profile.password_reset_required,
    CreateDate: isoSeconds(profile.created_at),
  }
}

export function describeGroup(group: GroupRow) {
  return {
    GroupId: group.group_id,
    GroupName: group.group_name,
    Comments: group.comments,
    CreateDate: isoSeconds(group.created_at),
    UpdateDate: isoSeconds(group.updated_at),
  }
}

/** Without the trust policy, as lists give roles. */
export function describeRole(role: RoleRow) {
  return {
    RoleId: role.role_id,
    RoleName: role.role_name,
    Arn: roleArn(role.account_id, role.role_name),
    Description: role.description,
    MaxSessionDuration: role.max_session_seconds,
    CreateDate: isoSeconds(role.created_at),
    UpdateDate: isoSeconds(role.updated_at),
  }
}

export function describePolicy(policy: PolicyRow) {
  return {
    PolicyName: policy.policy_name,
    PolicyType: 'Custom',
    Description: policy.description,
    DefaultVersion: `v${policy.default_version}`,
    CreateDate: isoSeconds(policy.created_at),
    UpdateDate: isoSeconds(policy.updated_at),
  }
}

export function describeVersion(version: PolicyVersionRow, defaultVersion: number) {
  return {
    VersionId: `v${version.version}`,
    IsDefaultVersion: version.version === defaultVersion,
    PolicyDocument: version.document,
    CreateDate: isoSeconds(version.created_at),
  }
}

export function describeSystemPolicy(policy: SystemPolicy) {
  return {
    PolicyName: policy.name,
    PolicyType: 'System',
    Description: policy.description,
    DefaultVersion: 'v1',
    CreateDate: isoSeconds(systemPoliciesSince),
    UpdateDate: isoSeconds(systemPoliciesSince),
  }
}

/** System policies have one version. */
export function describeSystemVersion(policy: SystemPolicy) {
  return {
    VersionId: 'v1',
    IsDefaultVersion: true,
    PolicyDocument: policy.document,
    CreateDate: isoSeconds(systemPoliciesSince),
  }
}
