import { createHash } from 'node:crypto'
import { say } from '@pileus/kernel/messages/text'
import { header, invalid } from '../domain/headers.ts'
import { versionHeader } from '../find-target.ts'
import { forbidsOverwrite, readObjectFacts } from '../object-facts.ts'
import { onObject } from '../operation.ts'
import { writeObject } from '../write-object.ts'

/** The target need not exist. */
export const PutSymlink = onObject({
  name: 'PutSymlink',
  route: { method: 'PUT', subresources: ['symlink'] },
  permission: 'oss:PutObject',
  acl: 'write',
  places: true,
  async run(context, request) {
    const { store, bucket, key } = context
    const facts = readObjectFacts(bucket, request)
    const target = readTarget(header(request.headers, 'x-oss-symlink-target'))
    const etag = createHash('md5').update(target).digest('hex').toUpperCase()
    const meta = { ...facts.meta, symlinkTarget: target }
    const nothing = { location: undefined, segmentSet: undefined, bytes: 0, crc64: undefined }
    const object = { ...facts, ...nothing, key, meta, etag, type: 'Symlink' } as const
    const how = { forbidOverwrite: forbidsOverwrite(request) }
    const written = await writeObject(context, store.pool, object, how)
    return { status: 200, headers: { etag: `"${etag}"`, ...versionHeader(context, written) } }
  },
})

function readTarget(text: string | undefined): string {
  let target = ''
  try {
    target = decodeURIComponent(text ?? '')
  } catch {
    // Refused below.
  }
  if (target === '' || target.includes('\0') || Buffer.byteLength(target) > 1023) {
    throw invalid('x-oss-symlink-target', text ?? '', say`x-oss-symlink-target must be a percent-encoded object key.`)
  }
  return target
}
