import * as contract from '@pileus/contract/generated/ram'
import { apiError } from '@pileus/kernel/errors'
import { findStep } from '../domain/one-time-codes.ts'
import { requireParameter } from '../domain/parameters.ts'
import { getUser } from '../entities.ts'
import { ramErrors } from '../errors.ts'
import { getMfaDevice, seedContext } from '../mfa.ts'
import { write } from '../operation.ts'
import { findMfaDeviceOfUser, updateMfaDevice } from '../tables/mfa-devices.ts'

/** Makes a device a user's second factor, when two codes that follow each other prove that the user has it. */
export const BindMFADevice = write(contract.BindMFADevice, {
  permission: 'ram:BindMFADevice',
  resources: (request) => [`user/${request.UserName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const codes = [
      requireParameter('AuthenticationCode1', request.AuthenticationCode1),
      requireParameter('AuthenticationCode2', request.AuthenticationCode2),
    ]
    const device = await getMfaDevice(ctx, request.SerialNumber)
    const user = await getUser(ctx, request.UserName, 'update')
    if (device.user_id !== null || (await findMfaDeviceOfUser(ctx.db, user.user_id))) {
      throw apiError(ramErrors['EntityAlreadyExists.User.MFADevice'], { name: user.user_name })
    }
    const seed = ctx.secretBox.open(device.sealed_seed, seedContext(device.account_id, device.device_name))
    const step = findStep(seed, codes, ctx.clock.now())
    if (step === undefined) throw apiError(ramErrors['InvalidParameter.AuthenticationCode'])
    const binding = { user_id: user.user_id, activated_at: ctx.clock.now(), last_step: step }
    await updateMfaDevice(ctx.db, device, binding)
    return {}
  },
})
