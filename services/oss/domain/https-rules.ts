import { say } from '@pileus/kernel/messages/text'
import { objectError, type XmlElement } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'
import { allowOnly, malformedXml, textsOf } from './xml.ts'
import { findFlag, findOnly, getFlag, getOnly } from './xml-values.ts'

/** Versions of TLS by which a bucket may be reached; empty when all may be used. */
export interface HttpsRules {
  tlsVersions: string[]
}

const tlsVersions = ['TLSv1.0', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']

/** @throws MalformedXML, NotImplemented for cipher suites, which are chosen before the bucket is known */
export function readHttpsRules(root: XmlElement): HttpsRules {
  allowOnly(root, 'TLS', 'CipherSuite')
  const suites = findOnly(root, 'CipherSuite')
  if (suites && findFlag(suites, 'Enable') === true) {
    throw objectError(errors.NotImplemented, { facts: { what: say`CipherSuite of a bucket` } })
  }
  const tls = getOnly(root, 'TLS')
  allowOnly(tls, 'Enable', 'TLSVersion')
  const versions = [...new Set(textsOf(tls, 'TLSVersion'))]
  const unknown = versions.find((version) => !tlsVersions.includes(version))
  if (unknown !== undefined) throw malformedXml(say`TLSVersion must be one of ${tlsVersions.join(', ')}.`)
  const isOn = getFlag(tls, 'Enable')
  if (isOn && versions.length === 0) throw malformedXml(say`TLS is enabled and names no TLSVersion.`)
  return { tlsVersions: isOn ? versions : [] }
}

export function describeHttpsRules(rules: HttpsRules): object {
  return { TLS: { Enable: rules.tlsVersions.length > 0, TLSVersion: rules.tlsVersions } }
}
