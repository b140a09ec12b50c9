/** Virtual MFA devices, and who has them. */
import { apiError } from '@pileus/kernel/errors'
import { requireParameter } from './domain/parameters.ts'
import { ramErrors } from './errors.ts'
import type { RamContext } from './operation.ts'
import { lockMfaDevice, type MfaDeviceRow } from './tables/mfa-devices.ts'

export function serialNumberOf({ account_id, device_name }: Pick<MfaDeviceRow, 'account_id' | 'device_name'>): string {
  return `acs:ram::${account_id}:mfa/${device_name}`
}

/** What its seed is sealed for. */
export function seedContext(accountId: string, deviceName: string): string {
  return `ram.mfa.${accountId}.${deviceName}`
}

/** @throws MissingParameter, EntityNotExist.MFADevice */
export async function getMfaDevice(ctx: RamContext, serialNumber: string | undefined): Promise<MfaDeviceRow> {
  const serial = requireParameter('SerialNumber', serialNumber)
  const [, owner, name = ''] = /^acs:ram:\*?:(\d+):mfa\/([\w.-]{1,64})$/.exec(serial) ?? []
  const device = owner === ctx.accountId ? await lockMfaDevice(ctx.db, ctx.accountId, name) : undefined
  if (!device) throw apiError(ramErrors['EntityNotExist.MFADevice'], { serial })
  return device
}
