import type { AccountId } from '@pileus/kernel/ids'
import type { Db } from '@pileus/kernel/store/store'
import type { Selectable } from 'kysely'
import { type RamTables, ramTables } from './schema.ts'

export type MfaDeviceRow = Selectable<RamTables['ram.mfa_devices']>

/** Locked, so that a code is taken once. */
export async function lockMfaDevice(db: Db, accountId: AccountId, name: string): Promise<MfaDeviceRow | undefined> {
  return await ramTables(db)
    .selectFrom('ram.mfa_devices')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('device_name', '=', name)
    .forUpdate()
    .executeTakeFirst()
}

export async function findMfaDeviceOfUser(db: Db, userId: string): Promise<MfaDeviceRow | undefined> {
  return await ramTables(db).selectFrom('ram.mfa_devices').selectAll().where('user_id', '=', userId).executeTakeFirst()
}

/** Whether the name was free. */
export async function insertMfaDevice(db: Db, device: MfaDeviceRow): Promise<boolean> {
  const result = await ramTables(db)
    .insertInto('ram.mfa_devices')
    .values(device)
    .onConflict((conflict) => conflict.constraint('mfa_devices_name').doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

export async function updateMfaDevice(
  db: Db,
  { account_id, device_name }: MfaDeviceRow,
  changes: Partial<Pick<MfaDeviceRow, 'user_id' | 'activated_at' | 'last_step'>>,
): Promise<void> {
  await ramTables(db)
    .updateTable('ram.mfa_devices')
    .set(changes)
    .where('account_id', '=', account_id)
    .where('device_name', '=', device_name)
    .execute()
}

export async function deleteMfaDevice(db: Db, { account_id, device_name }: MfaDeviceRow): Promise<void> {
  await ramTables(db)
    .deleteFrom('ram.mfa_devices')
    .where('account_id', '=', account_id)
    .where('device_name', '=', device_name)
    .execute()
}

/** With their users, by name; an account has as many as users at most. */
export async function listMfaDevices(
  db: Db,
  accountId: AccountId,
): Promise<(MfaDeviceRow & { user_name: string | null; display_name: string | null })[]> {
  return await ramTables(db)
    .selectFrom('ram.mfa_devices as device')
    .leftJoin('ram.users as user', 'user.user_id', 'device.user_id')
    .selectAll('device')
    .select(['user.user_name', 'user.display_name'])
    .where('device.account_id', '=', accountId)
    .orderBy('device.device_name')
    .execute()
}
