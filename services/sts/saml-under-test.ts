/** A SAML identity provider for tests: its metadata, and responses that it signs. */
import { createPrivateKey, randomBytes, randomUUID, webcrypto } from 'node:crypto'
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { SignedXml } from 'xml-crypto'

export interface Response {
  role: string
  sign: 'Assertion' | 'Response' | undefined
  issuer?: string
  audience?: string
  recipient?: string
  /** Until it ends. */
  minutes?: number
  algorithm?: 'sha256' | 'sha1'
  /** Of the assertion; a new one when absent. */
  id?: string
}

export interface Signer {
  metadata: string
  respond(response: Response): string
}

const rsa = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
}

export async function makeSigner(name: string): Promise<Signer> {
  x509.cryptoProvider.set(webcrypto as never)
  const keys = (await webcrypto.subtle.generateKey(rsa, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomBytes(8).toString('hex'),
    name: `CN=${name}`,
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + 86_400_000),
    signingAlgorithm: rsa,
    keys: keys as never,
  })
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey))
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const base64 = Buffer.from(certificate.rawData).toString('base64')
  return {
    metadata: `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example/saml"><IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>${base64}</X509Certificate></X509Data></KeyInfo></KeyDescriptor></IDPSSODescriptor></EntityDescriptor>`,
    respond(response) {
      const xml = compose(response)
      if (!response.sign) return xml
      const isWeak = response.algorithm === 'sha1'
      const signer = new SignedXml({
        privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
        signatureAlgorithm: isWeak
          ? 'http://www.w3.org/2000/09/xmldsig#rsa-sha1'
          : 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
        canonicalizationAlgorithm: 'http://www.w3.org/2001/10/xml-exc-c14n#',
      })
      const xpath = `//*[local-name(.)='${response.sign}']`
      signer.addReference({
        xpath,
        transforms: [
          'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
          'http://www.w3.org/2001/10/xml-exc-c14n#',
        ],
        digestAlgorithm: isWeak ? 'http://www.w3.org/2000/09/xmldsig#sha1' : 'http://www.w3.org/2001/04/xmlenc#sha256',
      })
      signer.computeSignature(xml, { location: { reference: xpath, action: 'append' } })
      return signer.getSignedXml()
    },
  }
}

function compose({ role, issuer = 'https://idp.example/saml', minutes = 5, ...more }: Response): string {
  const until = new Date(Date.now() + minutes * 60_000).toISOString()
  const from = new Date(Date.now() - 3_600_000).toISOString()
  const { audience = 'urn:alibaba:cloudcomputing', recipient = 'https://signin.aliyun.com/saml-role/sso' } = more
  const id = more.id ?? `_${randomUUID()}`
  const attribute = (name: string, value: string) =>
    `<saml:Attribute Name="https://www.aliyun.com/SAML-Role/Attributes/${name}"><saml:AttributeValue>${value}</saml:AttributeValue></saml:Attribute>`
  return `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_r1" Version="2.0"><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status><saml:Assertion ID="${id}" Version="2.0"><saml:Issuer>${issuer}</saml:Issuer><saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">dora</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="${until}" Recipient="${recipient}"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="${from}" NotOnOrAfter="${until}"><saml:AudienceRestriction><saml:Audience>${audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AttributeStatement>${attribute('Role', role)}${attribute('RoleSessionName', 'dora')}</saml:AttributeStatement></saml:Assertion></samlp:Response>`
}
