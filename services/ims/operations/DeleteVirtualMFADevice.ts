import * as contract from '@pileus/contract/generated/ims'
import * as ram from '@pileus/contract/generated/ram'
import { write } from '../operation.ts'

/** Deletes a device that is nobody’s. */
export const DeleteVirtualMFADevice = write(contract.DeleteVirtualMFADevice, {
  permission: 'ims:DeleteVirtualMFADevice',
  resources: (request) => [/^acs:ram:/.test(request.SerialNumber ?? '') ? (request.SerialNumber ?? '') : 'mfa/*'],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    return await ctx.ram.run(ram.DeleteVirtualMFADevice, ctx, request)
  },
})
