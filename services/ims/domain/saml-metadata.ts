/** What a SAML identity provider says of itself. */

import { X509Certificate } from 'node:crypto'
import { apiError, commonErrors } from '@pileus/kernel/errors'
import { say, type Text } from '@pileus/kernel/messages/text'
import { DOMParser, type Element } from '@xmldom/xmldom'
import type { SamlProvider } from '../port.ts'

const metadataNamespace = 'urn:oasis:names:tc:SAML:2.0:metadata'
const signatureNamespace = 'http://www.w3.org/2000/09/xmldsig#'

/** Who signs, and with which certificates. @throws InvalidParameter that names `parameter` */
export function readSamlMetadata(text: string, parameter: string): SamlProvider {
  const fail = (reason: Text) => apiError(commonErrors.InvalidParameter, { parameter, reason })
  if (/<!DOCTYPE|<!ENTITY/i.test(text)) throw fail(say`it must not have a document type.`)
  let root: Element | null
  try {
    const stop = (_level: string, message: string): never => {
      throw new Error(message)
    }
    root = new DOMParser({ onError: stop }).parseFromString(text, 'text/xml').documentElement
  } catch {
    throw fail(say`it is not XML.`)
  }
  if (root?.namespaceURI !== metadataNamespace || root.localName !== 'EntityDescriptor') {
    throw fail(say`its root must be an EntityDescriptor of SAML 2.0.`)
  }
  const issuer = root.getAttribute('entityID') ?? ''
  const descriptors = [...root.getElementsByTagNameNS(metadataNamespace, 'IDPSSODescriptor')]
  if (issuer === '' || descriptors.length !== 1) throw fail(say`it must have an entityID and one IDPSSODescriptor.`)
  const keys = [...(descriptors[0]?.getElementsByTagNameNS(metadataNamespace, 'KeyDescriptor') ?? [])]
  const certificates = keys
    .filter((key) => (key.getAttribute('use') || 'signing') === 'signing')
    .flatMap((key) => [...key.getElementsByTagNameNS(signatureNamespace, 'X509Certificate')])
    .map((node) => toPem(node.textContent ?? ''))
  if (certificates.length === 0) throw fail(say`it has no certificate for signing.`)
  if (!certificates.every((pem) => pem !== undefined)) throw fail(say`it has a certificate that is not one of X.509.`)
  return { issuer, certificates: certificates as string[] }
}

function toPem(base64: string): string | undefined {
  try {
    return new X509Certificate(Buffer.from(base64.replace(/\s/g, ''), 'base64')).toString()
  } catch {
    return undefined
  }
}
