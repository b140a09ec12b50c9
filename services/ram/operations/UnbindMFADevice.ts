import * as contract from '@pileus/contract/generated/ram'
import { apiError } from '@pileus/kernel/errors'
import { getUser } from '../entities.ts'
import { ramErrors } from '../errors.ts'
import { serialNumberOf } from '../mfa.ts'
import { write } from '../operation.ts'
import { findMfaDeviceOfUser, updateMfaDevice } from '../tables/mfa-devices.ts'

/** Takes the MFA device from a user; the device stays. */
export const UnbindMFADevice = write(contract.UnbindMFADevice, {
  permission: 'ram:UnbindMFADevice',
  resources: (request) => [`user/${request.UserName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const user = await getUser(ctx, request.UserName, 'update')
    const device = await findMfaDeviceOfUser(ctx.db, user.user_id)
    if (!device) throw apiError(ramErrors['EntityNotExist.User.MFADevice'], { name: user.user_name })
    await updateMfaDevice(ctx.db, device, { user_id: null, activated_at: null })
    return { MFADevice: { SerialNumber: serialNumberOf(device) } }
  },
})
