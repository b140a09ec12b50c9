/** Reads an ACL that a client of S3 sends as a list of grants. */
import { say } from '@pileus/kernel/messages/text'
import type { ObjectRequest } from '@pileus/kernel/object-protocol'
import type { Acl } from './bucket.ts'
import { invalid } from './headers.ts'
import { childrenOf, findChild, findText } from './xml.ts'

/**
 * The one word of OSS that means the same as the grants in the body; undefined when there is no body, or the client
 * speaks OSS.
 * @throws InvalidArgument for grants that no word of OSS means
 */
export async function findS3Acl(request: ObjectRequest, ownerId: string): Promise<Acl | undefined> {
  const root = request.dialect === 's3' ? await request.findXml('AccessControlPolicy') : undefined
  if (!root) return undefined
  const list = findChild(root, 'AccessControlList')
  const toAll = new Set<string>()
  for (const grant of list ? childrenOf(list, 'Grant') : []) {
    const grantee = findChild(grant, 'Grantee')
    const permission = findText(grant, 'Permission')?.trim() ?? ''
    const uri = grantee && findText(grantee, 'URI')?.trim()
    if (uri?.endsWith('/global/AllUsers') && (permission === 'READ' || permission === 'WRITE')) toAll.add(permission)
    else if (grantee && findText(grantee, 'ID')?.trim() === ownerId && permission === 'FULL_CONTROL') continue
    else {
      const reason = say`A grant must give FULL_CONTROL to the owner, or READ or WRITE to AllUsers; use a policy for others.`
      throw invalid('Grant', `${uri ?? ''} ${permission}`, reason)
    }
  }
  if (!toAll.has('READ') && toAll.has('WRITE'))
    throw invalid('Grant', 'WRITE', say`WRITE to AllUsers needs READ as well.`)
  return toAll.has('WRITE') ? 'public-read-write' : toAll.has('READ') ? 'public-read' : 'private'
}
