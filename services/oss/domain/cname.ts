import { isIP } from 'node:net'
import { say } from '@pileus/kernel/messages/text'
import { objectError, type XmlElement } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'
import { invalid } from './headers.ts'
import { allowOnly } from './xml.ts'
import { getOnly, getValue } from './xml-values.ts'

/** Label under which a TXT record proves that a domain is one's own. */
export const ownershipLabel = '_dnsauth'

export const ownName = say`Domain is a name of the service itself. Give one of your own.`

/** The domain of a `BucketCnameConfiguration`. @throws MalformedXML, InvalidArgument, NotImplemented for certificates */
export function readCname(root: XmlElement): string {
  allowOnly(root, 'Cname')
  const cname = getOnly(root, 'Cname')
  if (cname.children.some((child) => child.name === 'CertificateConfiguration')) {
    throw objectError(errors.NotImplemented, { facts: { what: say`CertificateConfiguration of a Cname` } })
  }
  allowOnly(cname, 'Domain')
  return readDomain(getValue(cname, 'Domain'))
}

/** Lower case. @throws InvalidArgument */
export function readDomain(text: string): string {
  const domain = text.toLowerCase().replace(/\.$/, '')
  const isName =
    domain.length <= 253 && /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,62}$/.test(domain)
  if (!isName || isIP(domain) !== 0) throw invalid('Domain', text, say`Domain must be a host name with a dot in it.`)
  if (/(?:^|\.)(?:aliyuncs\.com|aliyun\.com|alibabacloud\.com|localhost)$/.test(domain)) {
    throw invalid('Domain', text, ownName)
  }
  return domain
}
