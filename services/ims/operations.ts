import type { AnyOperation } from '@pileus/kernel/operation'
import type { ImsContext } from './operation.ts'
import { AddClientIdToOIDCProvider } from './operations/AddClientIdToOIDCProvider.ts'
import { AddFingerprintToOIDCProvider } from './operations/AddFingerprintToOIDCProvider.ts'
import { AddUserToGroup } from './operations/AddUserToGroup.ts'
import { BindMFADevice } from './operations/BindMFADevice.ts'
import { CreateAccessKey } from './operations/CreateAccessKey.ts'
import { CreateGroup } from './operations/CreateGroup.ts'
import { CreateLoginProfile } from './operations/CreateLoginProfile.ts'
import { CreateOIDCProvider } from './operations/CreateOIDCProvider.ts'
import { CreateSAMLProvider } from './operations/CreateSAMLProvider.ts'
import { CreateUser } from './operations/CreateUser.ts'
import { CreateVirtualMFADevice } from './operations/CreateVirtualMFADevice.ts'
import { DeleteAccessKey } from './operations/DeleteAccessKey.ts'
import { DeleteGroup } from './operations/DeleteGroup.ts'
import { DeleteLoginProfile } from './operations/DeleteLoginProfile.ts'
import { DeleteOIDCProvider } from './operations/DeleteOIDCProvider.ts'
import { DeleteSAMLProvider } from './operations/DeleteSAMLProvider.ts'
import { DeleteUser } from './operations/DeleteUser.ts'
import { DeleteVirtualMFADevice } from './operations/DeleteVirtualMFADevice.ts'
import { GetAccessKeyLastUsed } from './operations/GetAccessKeyLastUsed.ts'
import { GetAccountSummary } from './operations/GetAccountSummary.ts'
import { GetDefaultDomain } from './operations/GetDefaultDomain.ts'
import { GetGroup } from './operations/GetGroup.ts'
import { GetLoginProfile } from './operations/GetLoginProfile.ts'
import { GetOIDCProvider } from './operations/GetOIDCProvider.ts'
import { GetSAMLProvider } from './operations/GetSAMLProvider.ts'
import { GetSecurityPreference } from './operations/GetSecurityPreference.ts'
import { GetUser } from './operations/GetUser.ts'
import { GetUserMFAInfo } from './operations/GetUserMFAInfo.ts'
import { ListAccessKeys } from './operations/ListAccessKeys.ts'
import { ListGroups } from './operations/ListGroups.ts'
import { ListGroupsForUser } from './operations/ListGroupsForUser.ts'
import { ListOIDCProviders } from './operations/ListOIDCProviders.ts'
import { ListSAMLProviders } from './operations/ListSAMLProviders.ts'
import { ListUserBasicInfos } from './operations/ListUserBasicInfos.ts'
import { ListUsers } from './operations/ListUsers.ts'
import { ListUsersForGroup } from './operations/ListUsersForGroup.ts'
import { ListVirtualMFADevices } from './operations/ListVirtualMFADevices.ts'
import { RemoveClientIdFromOIDCProvider } from './operations/RemoveClientIdFromOIDCProvider.ts'
import { RemoveFingerprintFromOIDCProvider } from './operations/RemoveFingerprintFromOIDCProvider.ts'
import { RemoveUserFromGroup } from './operations/RemoveUserFromGroup.ts'
import { SetSecurityPreference } from './operations/SetSecurityPreference.ts'
import { UnbindMFADevice } from './operations/UnbindMFADevice.ts'
import { UpdateAccessKey } from './operations/UpdateAccessKey.ts'
import { UpdateGroup } from './operations/UpdateGroup.ts'
import { UpdateLoginProfile } from './operations/UpdateLoginProfile.ts'
import { UpdateOIDCProvider } from './operations/UpdateOIDCProvider.ts'
import { UpdateSAMLProvider } from './operations/UpdateSAMLProvider.ts'
import { UpdateUser } from './operations/UpdateUser.ts'

/** Every operation of the product. */
export const operations: readonly AnyOperation<ImsContext>[] = [
  AddClientIdToOIDCProvider,
  AddFingerprintToOIDCProvider,
  AddUserToGroup,
  BindMFADevice,
  CreateAccessKey,
  CreateGroup,
  CreateLoginProfile,
  CreateOIDCProvider,
  CreateSAMLProvider,
  CreateUser,
  CreateVirtualMFADevice,
  DeleteAccessKey,
  DeleteGroup,
  DeleteLoginProfile,
  DeleteOIDCProvider,
  DeleteSAMLProvider,
  DeleteUser,
  DeleteVirtualMFADevice,
  GetAccessKeyLastUsed,
  GetAccountSummary,
  GetDefaultDomain,
  GetGroup,
  GetLoginProfile,
  GetOIDCProvider,
  GetSAMLProvider,
  GetSecurityPreference,
  GetUser,
  GetUserMFAInfo,
  ListAccessKeys,
  ListGroups,
  ListGroupsForUser,
  ListOIDCProviders,
  ListSAMLProviders,
  ListUserBasicInfos,
  ListUsers,
  ListUsersForGroup,
  ListVirtualMFADevices,
  RemoveClientIdFromOIDCProvider,
  RemoveFingerprintFromOIDCProvider,
  RemoveUserFromGroup,
  SetSecurityPreference,
  UnbindMFADevice,
  UpdateAccessKey,
  UpdateGroup,
  UpdateLoginProfile,
  UpdateOIDCProvider,
  UpdateSAMLProvider,
  UpdateUser,
]
