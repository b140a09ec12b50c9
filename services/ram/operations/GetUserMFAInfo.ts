import * as contract from '@pileus/contract/generated/ram'
import { apiError } from '@pileus/kernel/errors'
import { getUser } from '../entities.ts'
import { ramErrors } from '../errors.ts'
import { serialNumberOf } from '../mfa.ts'
import { read } from '../operation.ts'
import { findMfaDeviceOfUser } from '../tables/mfa-devices.ts'

/** The MFA device of a user. */
export const GetUserMFAInfo = read(contract.GetUserMFAInfo, {
  permission: 'ram:GetUserMFAInfo',
  resources: (request) => [`user/${request.UserName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const user = await getUser(ctx, request.UserName)
    const device = await findMfaDeviceOfUser(ctx.db, user.user_id)
    if (!device) throw apiError(ramErrors['EntityNotExist.User.MFADevice'], { name: user.user_name })
    return { MFADevice: { SerialNumber: serialNumberOf(device), Type: 'VMFA' } }
  },
})
