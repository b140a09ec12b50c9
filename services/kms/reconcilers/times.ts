import type { Clock } from '@pileus/kernel/clock'
import type { HostedRegions } from '@pileus/kernel/hosted-regions'
import type { Log } from '@pileus/kernel/log'
import type { Reconciler } from '@pileus/kernel/reconcile'
import type { RegionKeys } from '@pileus/kernel/region-keys'
import type { Db, Store } from '@pileus/kernel/store/store'
import { removeTags } from '@pileus/kernel/tags'
import { removeMaterial } from '../importing.ts'
import { addKeyVersion, type Vault } from '../keys.ts'
import { deleteKey, lockDueKeys, updateKey } from '../tables/keys.ts'
import type { KeyRow } from '../tables/schema.ts'
import { deleteDueSecrets } from '../tables/secrets.ts'

const batch = 50

/** Deletes, rotates and expires keys, and deletes secrets, when their time has come. */
export function createTimesReconciler(parts: {
  store: Store
  clock: Clock
  hosted: HostedRegions
  regionKeys: RegionKeys
  log: Log
}): Reconciler {
  const { store, clock, hosted, regionKeys, log } = parts
  const regionIds = hosted.regions.map((region) => region.id)
  const passKeys = async (db: Db): Promise<number> => {
    const now = clock.now()
    const due = await lockDueKeys(db, regionIds, now, batch)
    for (const key of due) await keepTime({ db, regionKeys }, key, now, log)
    return due.length
  }
  return {
    name: 'kms.times',
    everyMs: 30_000,
    wakeOn: [],
    async pass() {
      while ((await store.transaction(passKeys)) === batch);
      await store.transaction(async (db) => {
        const deleted = await deleteDueSecrets(db, regionIds, clock.now())
        await removeTags(db, { product: 'kms', resourceType: 'secret' }, deleted, 'all')
      })
    },
  }
}

async function keepTime(vault: Vault, key: KeyRow, now: Date, log: Log): Promise<void> {
  if (key.delete_at && key.delete_at <= now) {
    await deleteKey(vault.db, key.key_id)
    await removeTags(vault.db, { product: 'kms', resourceType: 'key' }, [key.key_id], 'all')
    return
  }
  if (key.material_expires_at && key.material_expires_at <= now) await removeMaterial(vault.db, key)
  if (!key.next_rotation_at || key.next_rotation_at > now) return
  const isSealed = vault.regionKeys.state(key.region_id).kind === 'sealed'
  if (key.state === 'Enabled' && !isSealed) await addKeyVersion(vault, key, now)
  else {
    // Looked at again in a day: a key that is not in use needs no new version.
    await updateKey(vault.db, key.key_id, { next_rotation_at: new Date(now.getTime() + 86_400_000) })
    log.debug({ keyId: key.key_id, state: key.state }, 'a rotation waits until the key is in use again')
  }
}
