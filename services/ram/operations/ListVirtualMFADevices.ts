import * as contract from '@pileus/contract/generated/ram'
import { isoSeconds } from '@pileus/kernel/clock'
import { serialNumberOf } from '../mfa.ts'
import { read } from '../operation.ts'
import { listMfaDevices } from '../tables/mfa-devices.ts'

/** Devices of the account, and whose they are. */
export const ListVirtualMFADevices = read(contract.ListVirtualMFADevices, {
  permission: 'ram:ListVirtualMFADevices',
  resources: () => ['mfa/*'],
  places: 'nowhere',
  scope: 'global',
  async run(ctx) {
    const devices = await listMfaDevices(ctx.db, ctx.accountId)
    return {
      VirtualMFADevices: {
        VirtualMFADevice: devices.map((device) => ({
          SerialNumber: serialNumberOf(device),
          ActivateDate: device.activated_at ? isoSeconds(device.activated_at) : '',
          ...(device.user_id === null
            ? {}
            : {
                User: {
                  UserId: device.user_id,
                  UserName: device.user_name ?? '',
                  DisplayName: device.display_name ?? '',
                },
              }),
        })),
      },
    }
  },
})
