/** Next hops of routes: instances and network interfaces of the route table's VPC. */
import { apiError } from '@pileus/kernel/errors'
import type { Db } from '@pileus/kernel/store/store'
import { errors } from './errors.ts'
import type { Owner } from './port.ts'
import { findNicLocked, findPrimaryNicLocked } from './tables/nics.ts'

/** The kinds of next hop that exist here. @throws InvalidNextHopType.ValueNotSupported */
export function parseNextHopType(value: string | undefined): 'Instance' | 'NetworkInterface' {
  const type = value || 'Instance'
  if (type === 'Instance' || type === 'NetworkInterface') return type
  throw apiError(errors['InvalidNextHopType.ValueNotSupported'], { type })
}

/** Checks that the next hop is in the VPC, and keeps its card as it is until the transaction ends. */
export async function requireNextHop(
  db: Db,
  owner: Owner,
  vpcId: string,
  hop: { type: 'Instance' | 'NetworkInterface'; id: string | undefined },
): Promise<string> {
  const nextHopId = hop.id ?? ''
  if (nextHopId === '') throw apiError(errors.MissingParameter, { parameter: 'NextHopId' })
  const nic =
    hop.type === 'Instance'
      ? await findPrimaryNicLocked(db, owner, nextHopId)
      : await findNicLocked(db, owner, nextHopId)
  if (nic?.vpcId !== vpcId) throw apiError(errors['InvalidNextHop.NotFound'], { nextHopId })
  return nextHopId
}
