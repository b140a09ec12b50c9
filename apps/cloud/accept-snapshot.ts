import type { HeldBack } from '@pileus/ram/snapshots/service'
import type { RunningCloud } from './start.ts'

/** Whom the trail names: who may open the control socket runs the installation. */
export interface AcceptRequest {
  by: string
  /** Of what was looked at; without it nothing is accepted. */
  digest?: string
}

/** What regions hold back; accepted, and told in the trail, when the request names it. */
export async function acceptSnapshot(
  { services, ready }: Pick<RunningCloud, 'services' | 'ready'>,
  { by, digest }: AcceptRequest,
): Promise<{ heldBack: HeldBack | undefined; isAccepted: boolean }> {
  const { snapshots } = services.ram
  const heldBack = await snapshots.findHeldBack()
  if (!heldBack || digest === undefined) return { heldBack, isAccepted: false }
  // Told before it is done: what is accepted is in the trail, also when the roll-out fails.
  await services.actiontrail.audit.recordEvent({
    actor: { kind: 'operator', operatorId: 'installation', name: by },
    action: 'ram:AcceptSnapshot',
    kind: 'write',
    regionId: ready.defaultRegion,
    accountId: undefined,
    outcome: { kind: 'success' },
    resources: [],
    details: { digest, had: heldBack.had, has: heldBack.has, regionIds: heldBack.regionIds },
  })
  await snapshots.accept(digest)
  return { heldBack, isAccepted: true }
}
