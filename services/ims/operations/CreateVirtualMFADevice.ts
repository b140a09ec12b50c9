import * as contract from '@pileus/contract/generated/ims'
import * as ram from '@pileus/contract/generated/ram'
import { write } from '../operation.ts'

/** Makes a device whose seed is shown this once. */
export const CreateVirtualMFADevice = write(contract.CreateVirtualMFADevice, {
  permission: 'ims:CreateVirtualMFADevice',
  resources: (request) => [`mfa/${request.VirtualMFADeviceName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    return await ctx.ram.run(ram.CreateVirtualMFADevice, ctx, request)
  },
})
