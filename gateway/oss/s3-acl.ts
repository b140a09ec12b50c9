/** An ACL as S3 writes it: grants to the owner and to everybody, where OSS has one word. */
import { escapeXml } from '@pileus/contract/encode'

const everybody = 'http://acs.amazonaws.com/groups/global/AllUsers'
const permissions: Readonly<Record<string, readonly string[]>> = {
  'public-read': ['READ'],
  'public-read-write': ['READ', 'WRITE'],
}

/** The document for the value of an `AccessControlPolicy` of OSS. */
export function renderS3Acl(value: unknown): string {
  const { Owner, AccessControlList } = value as {
    Owner: { ID: string; DisplayName: string }
    AccessControlList: { Grant: string }
  }
  const owner = `<ID>${escapeXml(Owner.ID)}</ID><DisplayName>${escapeXml(Owner.DisplayName)}</DisplayName>`
  const grants = [
    grant('CanonicalUser', owner, 'FULL_CONTROL'),
    ...(permissions[AccessControlList.Grant] ?? []).map((one) => grant('Group', `<URI>${everybody}</URI>`, one)),
  ]
  const list = `<AccessControlList>${grants.join('')}</AccessControlList>`
  return `<?xml version="1.0" encoding="UTF-8"?><AccessControlPolicy xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Owner>${owner}</Owner>${list}</AccessControlPolicy>`
}

function grant(type: string, grantee: string, permission: string): string {
  const opening = `<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="${type}">`
  return `<Grant>${opening}${grantee}</Grantee><Permission>${permission}</Permission></Grant>`
}
