/** Vswitches as places for cards. */
import { apiError } from '@pileus/kernel/errors'
import type { Db } from '@pileus/kernel/store/store'
import { gatewayIp } from './domain/addressing.ts'
import { ecsErrors } from './errors.ts'
import type { Owner, VSwitchFacts } from './port.ts'
import { findVSwitchLocked, listVSwitchesById } from './tables/vswitches.ts'

/** Reads a vswitch and keeps it from being deleted until the transaction ends. @throws InvalidVSwitchId.NotFound */
export async function lockVSwitch(db: Db, owner: Owner, vswitchId: string): Promise<VSwitchFacts> {
  const vswitch = await findVSwitchLocked(db, owner, vswitchId, 'stay')
  if (!vswitch) throw apiError(ecsErrors['InvalidVSwitchId.NotFound'], { vswitchId })
  return placeOf(vswitch)
}

/** By id, whoever owns them. */
export async function listVSwitchFacts(db: Db, vswitchIds: readonly string[]): Promise<Map<string, VSwitchFacts>> {
  const rows = await listVSwitchesById(db, vswitchIds)
  return new Map(rows.map((row) => [row.vswitch_id, placeOf(row)]))
}

export function placeOf(row: {
  vswitch_id: string
  vpc_id: string
  zone_id: string
  cidr: string
  vpc_cidr: string
}): VSwitchFacts {
  return {
    vswitchId: row.vswitch_id,
    vpcId: row.vpc_id,
    zoneId: row.zone_id,
    cidr: row.cidr,
    gatewayIp: gatewayIp(row.cidr),
    vpcCidr: row.vpc_cidr,
  }
}
