import type { AvailableImage } from '@pileus/kernel/fabric/machines'
import type { Db } from '@pileus/kernel/store/store'
import { sql } from 'kysely'
import { familyOfImage } from '../domain/images.ts'
import { ecsTables, type ImageRow } from './schema.ts'

/** Images that a host which is in touch can boot, newest first. */
export async function listImages(db: Db, seenSince: Date): Promise<ImageRow[]> {
  return await ecsTables(db)
    .selectFrom('ecs.images')
    .selectAll()
    .where(
      sql<boolean>`exists (select from ecs.host_pools p
        where p.image_ids @> array[images.id] and p.heartbeat_at >= ${seenSince})`,
    )
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .execute()
}

/** Records what agents say of their images. */
export async function ensureImages(
  tx: Db,
  images: readonly { image: AvailableImage; engine: string }[],
): Promise<void> {
  if (images.length === 0) return
  await ecsTables(tx)
    .insertInto('ecs.images')
    .values(
      images.map(({ image, engine }) => ({
        id: image.id,
        family: familyOfImage(image.id),
        name: image.name,
        os_name: image.osName,
        platform: image.platform,
        size_gib: image.sizeGiB,
        min_memory_mib: image.minMemoryMiB,
        created_at: new Date(image.createdAt),
        engine,
      })),
    )
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet((set) => ({
        family: set.ref('excluded.family'),
        name: set.ref('excluded.name'),
        os_name: set.ref('excluded.os_name'),
        platform: set.ref('excluded.platform'),
        size_gib: set.ref('excluded.size_gib'),
        min_memory_mib: set.ref('excluded.min_memory_mib'),
        created_at: set.ref('excluded.created_at'),
        engine: set.ref('excluded.engine'),
      })),
    )
    .execute()
}
