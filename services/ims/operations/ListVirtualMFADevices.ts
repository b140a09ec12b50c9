import * as contract from '@pileus/contract/generated/ims'
import * as ram from '@pileus/contract/generated/ram'
import { read } from '../operation.ts'
import { findDomain } from '../user-names.ts'

/** Devices of the account, and whose they are. */
export const ListVirtualMFADevices = read(contract.ListVirtualMFADevices, {
  permission: 'ims:ListVirtualMFADevices',
  resources: () => ['mfa/*'],
  places: 'nowhere',
  scope: 'global',
  async run(ctx) {
    const { VirtualMFADevices } = await ctx.ram.run(ram.ListVirtualMFADevices, ctx, {})
    const domain = await findDomain(ctx)
    const devices = (VirtualMFADevices?.VirtualMFADevice ?? []).map(({ User, ...device }) => {
      if (!User) return device
      const { UserId, UserName, DisplayName } = User
      return { ...device, User: { UserId, DisplayName, UserPrincipalName: `${UserName}@${domain}` } }
    })
    return { IsTruncated: false, VirtualMFADevices: { VirtualMFADevice: devices } }
  },
})
