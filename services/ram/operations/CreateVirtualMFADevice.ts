import * as contract from '@pileus/contract/generated/ram'
import { apiError } from '@pileus/kernel/errors'
import { newSeed } from '../domain/one-time-codes.ts'
import { parseName } from '../domain/parameters.ts'
import { ramErrors } from '../errors.ts'
import { seedContext, serialNumberOf } from '../mfa.ts'
import { write } from '../operation.ts'
import { insertMfaDevice } from '../tables/mfa-devices.ts'

/** Makes a device whose seed is shown this once, as text alone: this cloud draws no pictures of it. */
export const CreateVirtualMFADevice = write(contract.CreateVirtualMFADevice, {
  permission: 'ram:CreateVirtualMFADevice',
  resources: (request) => [`mfa/${request.VirtualMFADeviceName}`],
  places: 'nowhere',
  scope: 'global',
  async run(ctx, request) {
    const name = parseName('VirtualMFADeviceName', request.VirtualMFADeviceName)
    const seed = newSeed()
    const device = {
      account_id: ctx.accountId,
      device_name: name,
      sealed_seed: ctx.secretBox.seal(seed, seedContext(ctx.accountId, name)),
      user_id: null,
      activated_at: null,
      last_step: null,
      created_at: ctx.clock.now(),
    }
    if (!(await insertMfaDevice(ctx.db, device))) {
      throw apiError(ramErrors['EntityAlreadyExists.MFADevice'], { name })
    }
    return { VirtualMFADevice: { SerialNumber: serialNumberOf(device), Base32StringSeed: seed } }
  },
})
