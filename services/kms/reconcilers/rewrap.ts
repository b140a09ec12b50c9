import type { HostedRegions } from '@pileus/kernel/hosted-regions'
import type { Reconciler } from '@pileus/kernel/reconcile'
import type { RegionKeys } from '@pileus/kernel/region-keys'
import type { Store } from '@pileus/kernel/store/store'
import { lockStaleVersions, setMaterial } from '../tables/keys.ts'

const batch = 200

/** Seals again, under the newest generation of a region's root key, what an older one sealed. */
export function createRewrapReconciler(parts: {
  store: Store
  hosted: HostedRegions
  regionKeys: RegionKeys
}): Reconciler {
  const { store, hosted, regionKeys } = parts
  const rewrapSome = (regionId: string, generation: number) =>
    store.transaction(async (db) => {
      const stale = await lockStaleVersions(db, regionId, generation, batch)
      for (const { version_id: versionId, sealed_material: sealed } of stale) {
        if (!sealed) continue
        const context = `key version ${versionId}`
        const secret = regionKeys.open(regionId, sealed, context)
        await setMaterial(db, versionId, regionKeys.seal(regionId, secret, context))
        secret.fill(0)
      }
      return stale.length
    })
  return {
    name: 'kms.rewrap',
    everyMs: 60_000,
    wakeOn: [],
    async pass() {
      await regionKeys.refresh()
      for (const { id } of hosted.regions) {
        const state = regionKeys.state(id)
        if (state.kind !== 'open') continue
        while ((await rewrapSome(id, state.generation)) === batch);
        if (state.hasOlder) await regionKeys.dropOldGenerations(id)
      }
    },
  }
}
