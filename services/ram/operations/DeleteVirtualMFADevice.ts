import * as contract from '@pileus/contract/generated/ram'
import { apiError } from '@pileus/kernel/errors'
import { ramErrors } from '../errors.ts'
import { getMfaDevice } from '../mfa.ts'
import { write } from '../operation.ts'
import { deleteMfaDevice } from '../tables/mfa-devices.ts'

/** Deletes a device that is nobody's. */
export const DeleteVirtualMFADevice = write(contract.DeleteVirtualMFADevice, {
  permission: 'ram:DeleteVirtualMFADevice',
  resources: (request) => [/^acs:ram:/.test(request.SerialNumber ?? '') ? (request.SerialNumber ?? '') : 'mfa/*'],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const device = await getMfaDevice(ctx, request.SerialNumber)
    if (device.user_id !== null) throw apiError(ramErrors['DeleteConflict.MFADevice'], { name: device.device_name })
    await deleteMfaDevice(ctx.db, device)
    return {}
  },
})
