import { say } from '@pileus/kernel/messages/text'
import { objectError } from '@pileus/kernel/object-protocol'
import { invalid } from '../domain/headers.ts'
import { headerTime } from '../domain/times.ts'
import { errors } from '../errors.ts'
import { getTarget, versionHeader } from '../find-target.ts'
import { onObject } from '../operation.ts'
import { findObject, holdKey } from '../tables/objects.ts'
import { sealObject } from '../tables/seal-object.ts'
import { inTransaction } from '../transaction.ts'
import { checkPosition } from './AppendObject.ts'

/** Ends appending for good. Doing it again changes nothing, not even the time. */
export const SealAppendObject = onObject({
  name: 'SealAppendObject',
  route: { method: 'POST', subresources: ['seal', 'position'] },
  permission: 'oss:SealAppendObject',
  async run(context, request) {
    const { store, bucket, key, clock } = context
    const text = request.query.get('position') ?? ''
    const position = /^\d{1,15}$/.test(text) ? Number(text) : -1
    if (position < 0)
      throw invalid('position', text, say`position must be the length of the object, a number from 0 on.`)
    // Says why there is none.
    await getTarget(context, { ...request, query: new Map() })
    const sealed = await inTransaction(store, async (db) => {
      await holdKey(db, bucket.bucketId, key)
      const object = await findObject(db, bucket.bucketId, key)
      if (!object) throw objectError(errors.NoSuchKey, { details: { Key: key } })
      if (object.type !== 'Appendable') throw objectError(errors.ObjectNotAppendable)
      if (object.meta.sealedAt !== undefined && object.bytes === position) return object
      checkPosition(object, position)
      const meta = { ...object.meta, sealedAt: clock.now().toISOString() }
      await sealObject(db, bucket.bucketId, key, meta)
      return { ...object, meta }
    })
    const at = new Date(sealed.meta.sealedAt ?? clock.now())
    return { status: 200, headers: { 'x-oss-sealed-time': headerTime(at), ...versionHeader(context, sealed) } }
  },
})
