import type { AnyOperation } from '@pileus/kernel/operation'
import type { RamContext } from './operation.ts'
import { AddUserToGroup } from './operations/AddUserToGroup.ts'
import { AttachPolicyToGroup } from './operations/AttachPolicyToGroup.ts'
import { AttachPolicyToRole } from './operations/AttachPolicyToRole.ts'
import { AttachPolicyToUser } from './operations/AttachPolicyToUser.ts'
import { BindMFADevice } from './operations/BindMFADevice.ts'
import { ClearAccountAlias } from './operations/ClearAccountAlias.ts'
import { CreateAccessKey } from './operations/CreateAccessKey.ts'
import { CreateGroup } from './operations/CreateGroup.ts'
import { CreateLoginProfile } from './operations/CreateLoginProfile.ts'
import { CreatePolicy } from './operations/CreatePolicy.ts'
import { CreatePolicyVersion } from './operations/CreatePolicyVersion.ts'
import { CreateRole } from './operations/CreateRole.ts'
import { CreateUser } from './operations/CreateUser.ts'
import { CreateVirtualMFADevice } from './operations/CreateVirtualMFADevice.ts'
import { DecodeDiagnosticMessage } from './operations/DecodeDiagnosticMessage.ts'
import { DeleteAccessKey } from './operations/DeleteAccessKey.ts'
import { DeleteGroup } from './operations/DeleteGroup.ts'
import { DeleteLoginProfile } from './operations/DeleteLoginProfile.ts'
import { DeletePolicy } from './operations/DeletePolicy.ts'
import { DeletePolicyVersion } from './operations/DeletePolicyVersion.ts'
import { DeleteRole } from './operations/DeleteRole.ts'
import { DeleteUser } from './operations/DeleteUser.ts'
import { DeleteVirtualMFADevice } from './operations/DeleteVirtualMFADevice.ts'
import { DetachPolicyFromGroup } from './operations/DetachPolicyFromGroup.ts'
import { DetachPolicyFromRole } from './operations/DetachPolicyFromRole.ts'
import { DetachPolicyFromUser } from './operations/DetachPolicyFromUser.ts'
import { GetAccessKeyLastUsed } from './operations/GetAccessKeyLastUsed.ts'
import { GetAccountAlias } from './operations/GetAccountAlias.ts'
import { GetGroup } from './operations/GetGroup.ts'
import { GetLoginProfile } from './operations/GetLoginProfile.ts'
import { GetPolicy } from './operations/GetPolicy.ts'
import { GetPolicyVersion } from './operations/GetPolicyVersion.ts'
import { GetRole } from './operations/GetRole.ts'
import { GetSecurityPreference } from './operations/GetSecurityPreference.ts'
import { GetUser } from './operations/GetUser.ts'
import { GetUserMFAInfo } from './operations/GetUserMFAInfo.ts'
import { ListAccessKeys } from './operations/ListAccessKeys.ts'
import { ListEntitiesForPolicy } from './operations/ListEntitiesForPolicy.ts'
import { ListGroups } from './operations/ListGroups.ts'
import { ListGroupsForUser } from './operations/ListGroupsForUser.ts'
import { ListPolicies } from './operations/ListPolicies.ts'
import { ListPoliciesForGroup } from './operations/ListPoliciesForGroup.ts'
import { ListPoliciesForRole } from './operations/ListPoliciesForRole.ts'
import { ListPoliciesForUser } from './operations/ListPoliciesForUser.ts'
import { ListPolicyVersions } from './operations/ListPolicyVersions.ts'
import { ListRoles } from './operations/ListRoles.ts'
import { ListTagResources } from './operations/ListTagResources.ts'
import { ListUsers } from './operations/ListUsers.ts'
import { ListUsersForGroup } from './operations/ListUsersForGroup.ts'
import { ListVirtualMFADevices } from './operations/ListVirtualMFADevices.ts'
import { RemoveUserFromGroup } from './operations/RemoveUserFromGroup.ts'
import { SetAccountAlias } from './operations/SetAccountAlias.ts'
import { SetDefaultPolicyVersion } from './operations/SetDefaultPolicyVersion.ts'
import { SetSecurityPreference } from './operations/SetSecurityPreference.ts'
import { SimulatePrincipalPolicy } from './operations/SimulatePrincipalPolicy.ts'
import { TagResources } from './operations/TagResources.ts'
import { UnbindMFADevice } from './operations/UnbindMFADevice.ts'
import { UntagResources } from './operations/UntagResources.ts'
import { UpdateAccessKey } from './operations/UpdateAccessKey.ts'
import { UpdateGroup } from './operations/UpdateGroup.ts'
import { UpdateLoginProfile } from './operations/UpdateLoginProfile.ts'
import { UpdatePolicyDescription } from './operations/UpdatePolicyDescription.ts'
import { UpdateRole } from './operations/UpdateRole.ts'
import { UpdateUser } from './operations/UpdateUser.ts'

/** Every operation of the product. */
export const operations: readonly AnyOperation<RamContext>[] = [
  AddUserToGroup,
  AttachPolicyToGroup,
  AttachPolicyToRole,
  AttachPolicyToUser,
  BindMFADevice,
  ClearAccountAlias,
  CreateAccessKey,
  CreateGroup,
  CreateLoginProfile,
  CreatePolicy,
  CreatePolicyVersion,
  CreateRole,
  CreateUser,
  CreateVirtualMFADevice,
  DecodeDiagnosticMessage,
  DeleteAccessKey,
  DeleteGroup,
  DeleteLoginProfile,
  DeletePolicy,
  DeletePolicyVersion,
  DeleteRole,
  DeleteUser,
  DeleteVirtualMFADevice,
  DetachPolicyFromGroup,
  DetachPolicyFromRole,
  DetachPolicyFromUser,
  GetAccessKeyLastUsed,
  GetAccountAlias,
  GetGroup,
  GetLoginProfile,
  GetPolicy,
  GetPolicyVersion,
  GetRole,
  GetSecurityPreference,
  GetUser,
  GetUserMFAInfo,
  ListAccessKeys,
  ListEntitiesForPolicy,
  ListGroups,
  ListGroupsForUser,
  ListPolicies,
  ListPoliciesForGroup,
  ListPoliciesForRole,
  ListPoliciesForUser,
  ListPolicyVersions,
  ListRoles,
  ListTagResources,
  ListUsers,
  ListUsersForGroup,
  ListVirtualMFADevices,
  RemoveUserFromGroup,
  SetAccountAlias,
  SetDefaultPolicyVersion,
  SetSecurityPreference,
  SimulatePrincipalPolicy,
  TagResources,
  UnbindMFADevice,
  UntagResources,
  UpdateAccessKey,
  UpdateGroup,
  UpdateLoginProfile,
  UpdatePolicyDescription,
  UpdateRole,
  UpdateUser,
]
