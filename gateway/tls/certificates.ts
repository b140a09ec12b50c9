/**
 * Making certificates: the authority's own and the ones it issues. Nothing here touches the disk.
 *
 * The authority is bound three times over: critical name constraints say which names, a path length of zero says that
 * it may certify no further authority, and the extended key usage says TLS servers only. So its key is worth little
 * to a thief: it vouches for names which this machine answers for anyway, to clients that chose to trust it.
 */
import 'reflect-metadata'
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, webcrypto } from 'node:crypto'
import { AsnConvert } from '@peculiar/asn1-schema'
import { GeneralName, GeneralSubtree, GeneralSubtrees, NameConstraints } from '@peculiar/asn1-x509'
import * as x509 from '@peculiar/x509'
import type { PermittedNames } from './permitted-names.ts'

const nameConstraintsOid = '2.5.29.30'
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const serverAuthentication = '1.3.6.1.5.5.7.3.1'
const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** How long an authority lasts. */
export const authorityDays = 3650
/** How long a certificate of an endpoint lasts. */
export const leafDays = 90

/** A certificate and its private key, both as PEM text. */
export interface PemPair {
  readonly certificate: string
  readonly key: string
}

function permittedSubtree(name: ConstructorParameters<typeof GeneralName>[0]): GeneralSubtree {
  return new GeneralSubtree({ base: new GeneralName(name) })
}

function nameConstraints(permitted: PermittedNames): NameConstraints {
  return new NameConstraints({
    permittedSubtrees: new GeneralSubtrees([
      ...permitted.domains.map((dNSName) => permittedSubtree({ dNSName })),
      ...permitted.ranges.map((iPAddress) => permittedSubtree({ iPAddress })),
    ]),
  })
}

async function signingKey(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const der = key.export({ type: 'pkcs8', format: 'der' })
  return await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign'])
}

function generateKey(): { publicDer: Buffer; key: KeyObject; pem: string } {
  const pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  return {
    publicDer: pair.publicKey.export({ type: 'spki', format: 'der' }),
    key: pair.privateKey,
    pem: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/** A new authority for these names. Each has a subject of its own, so that one client may trust several. */
export async function createAuthorityPair(permitted: PermittedNames, now: Date): Promise<PemPair> {
  const { publicDer, key, pem } = generateKey()
  const name = `CN=Pileus local authority ${randomBytes(4).toString('hex')}`
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: name,
    issuer: name,
    notBefore: new Date(now.getTime() - dayMs), // clients' clocks may be behind
    notAfter: new Date(now.getTime() + authorityDays * dayMs),
    publicKey: publicDer,
    signingKey: await signingKey(key),
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      new x509.ExtendedKeyUsageExtension([serverAuthentication]),
      new x509.Extension(nameConstraintsOid, true, AsnConvert.serialize(nameConstraints(permitted))),
      await x509.SubjectKeyIdentifierExtension.create(new x509.PublicKey(publicDer)),
    ],
  })
  return { certificate: `${certificate.toString('pem')}\n`, key: pem }
}

/** Whether the authority's certificate is constrained to exactly these names. */
export function hasNameConstraints(authority: string, permitted: PermittedNames): boolean {
  const extension = new x509.X509Certificate(authority).getExtension(nameConstraintsOid)
  if (extension === null || !extension.critical) return false
  return Buffer.from(extension.value).equals(Buffer.from(AsnConvert.serialize(nameConstraints(permitted))))
}

/** Signs certificates for endpoints with an authority's key. */
export interface Issuer {
  /** A new key and a certificate for it, valid for `leafDays` or as long as the authority is. */
  issue(domains: readonly string[], addresses: readonly string[], now: Date): Promise<PemPair & { notAfter: Date }>
}

/** Reads an authority into an issuer. */
export async function createIssuer(authority: PemPair): Promise<Issuer> {
  const parent = new x509.X509Certificate(authority.certificate)
  const parentKey = await signingKey(createPrivateKey(authority.key))
  const keyIdentifier = await x509.AuthorityKeyIdentifierExtension.create(parent.publicKey)
  return {
    async issue(domains, addresses, now) {
      const { publicDer, pem } = generateKey()
      const notAfter = new Date(Math.min(now.getTime() + leafDays * dayMs, parent.notAfter.getTime()))
      const certificate = await x509.X509CertificateGenerator.create({
        serialNumber: serialNumber(),
        // Names stand in the alternative names only: a common name is limited to 64 characters.
        subject: 'CN=Pileus endpoint',
        issuer: parent.subject,
        notBefore: new Date(now.getTime() - hourMs),
        notAfter,
        publicKey: publicDer,
        signingKey: parentKey,
        signingAlgorithm: algorithm,
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([serverAuthentication]),
          new x509.SubjectAlternativeNameExtension([
            ...domains.map((value) => ({ type: 'dns', value }) as const),
            ...addresses.map((value) => ({ type: 'ip', value }) as const),
          ]),
          keyIdentifier,
        ],
      })
      return { certificate: `${certificate.toString('pem')}\n`, key: pem, notAfter }
    },
  }
}

/** 16 random bytes with the top bits set so that it is positive and never shortened. */
function serialNumber(): string {
  const bytes = randomBytes(16)
  bytes[0] = (bytes[0]! & 0x3f) | 0x40
  return bytes.toString('hex')
}
