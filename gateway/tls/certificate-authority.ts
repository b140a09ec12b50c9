/**
 * The local certificate authority: made at first start, kept in the data directory, and never used for any name but
 * the vendor's, this machine's and the operator's own.
 *
 * Certificates of endpoints live in memory only. Each host name gets its own at the first handshake that asks for it,
 * and a new one when two thirds of its time are over.
 */
import path from 'node:path'
import { createSecureContext, type SecureContext } from 'node:tls'
import { type Clock, systemClock } from '@pileus/kernel/clock'
import { parseHostName } from '../proxy/vendor-hosts.ts'
import {
  assertAuthorityUsable,
  certificateFile,
  findAuthorityFiles,
  insertAuthorityFiles,
  removeUnfinishedAuthorities,
  unusable,
} from './authority-files.ts'
import { createAuthorityPair, createIssuer, hasNameConstraints, leafDays, type PemPair } from './certificates.ts'
import { authorityNames, permitsDomain } from './permitted-names.ts'
import { ensureTrustBundle } from './trust-bundle.ts'

const dayMs = 86_400_000
const renewBeforeMs = (leafDays / 3) * dayMs
/** As many host names as keep a context ready; the least recently used goes first. */
const maxCached = 1000

/** A host name that the authority may not certify. */
export class NameNotPermittedError extends Error {
  override readonly name = 'NameNotPermittedError'
}

export interface CertificateAuthorityOptions {
  /** Further DNS names (each with all names below it) and IP addresses by which clients reach this installation. */
  readonly extraNames?: readonly string[]
  readonly clock?: Clock
}

export interface CertificateAuthority {
  /** PEM file with the authority's certificate alone. */
  readonly caFile: string
  /** PEM file with the authority's certificate and the system's roots, for clients whose roots a setting replaces. */
  readonly bundleFile: string
  /**
   * The certificate, as PEM text, for clients that send no name because they were given an IP address. It is renewed
   * like all others, so ask again at times.
   */
  directCertificate(): Promise<PemPair>
  /**
   * The context for a name a client asked for; without one, that of the direct endpoint.
   * @throws NameNotPermittedError
   */
  contextFor(serverName?: string): Promise<SecureContext>
}

interface Leaf {
  readonly pair: PemPair
  readonly context: SecureContext
  readonly renewAtMs: number
}

/**
 * Opens the authority in `<dataDir>/ca`, making it where there is none. Several processes may do so at once.
 * @throws AuthorityUnusableError where there are files that cannot be used
 */
export async function ensureCertificateAuthority(
  dataDir: string,
  options: CertificateAuthorityOptions = {},
): Promise<CertificateAuthority> {
  const clock = options.clock ?? systemClock
  const names = authorityNames(options.extraNames ?? [])
  const directory = path.resolve(dataDir, 'ca')
  const bundleFile = path.join(directory, 'bundle.pem')

  let authority = await findAuthorityFiles(directory)
  if (authority === undefined) {
    await insertAuthorityFiles(directory, await createAuthorityPair(names.permitted, clock.now()))
    authority = await findAuthorityFiles(directory)
    if (authority === undefined) throw unusable(directory, `${directory} is empty although it was just written`)
  }
  assertAuthorityUsable(directory, authority, clock.now())
  if (!hasNameConstraints(authority.certificate, names.permitted)) {
    const wanted = [...names.permitted.domains, ...names.permitted.ranges].join(', ')
    throw unusable(directory, `${certificateFile(directory)} was made for other names than ${wanted}`)
  }
  await ensureTrustBundle(bundleFile, authority.certificate)
  await removeUnfinishedAuthorities(directory)

  const issuer = await createIssuer(authority)
  const leaves = new Map<string, Promise<Leaf>>()

  async function issue(domains: readonly string[]): Promise<Leaf> {
    const { notAfter, ...pair } = await issuer.issue(domains, names.direct.addresses, clock.now())
    const context = createSecureContext({ cert: pair.certificate, key: pair.key, minVersion: 'TLSv1.2' })
    return { pair, context, renewAtMs: notAfter.getTime() - renewBeforeMs }
  }

  async function leafFor(name: string, domains: readonly string[]): Promise<Leaf> {
    const cached = leaves.get(name)
    if (cached !== undefined) {
      leaves.delete(name)
      leaves.set(name, cached)
      const leaf = await cached
      if (clock.now().getTime() < leaf.renewAtMs) return leaf
      // Another caller may have renewed it while this one waited.
      if (leaves.get(name) !== cached) return leafFor(name, domains)
    }
    const fresh = issue(domains)
    leaves.delete(name)
    leaves.set(name, fresh)
    if (leaves.size > maxCached) leaves.delete(leaves.keys().next().value!)
    fresh.catch(() => leaves.delete(name)) // the next caller tries again; this one gets the error below
    return fresh
  }

  const directLeaf = () => leafFor('', names.direct.domains)

  return {
    caFile: certificateFile(directory),
    bundleFile,
    async directCertificate() {
      return (await directLeaf()).pair
    },
    async contextFor(serverName) {
      if (serverName === undefined || serverName === '') return (await directLeaf()).context
      const name = parseHostName(serverName)
      if (name !== undefined && names.direct.domains.includes(name)) return (await directLeaf()).context
      if (name === undefined || !permitsDomain(names.permitted, name)) {
        throw new NameNotPermittedError(`this cloud has no certificate for ${JSON.stringify(serverName.slice(0, 260))}`)
      }
      return (await leafFor(name, [name])).context
    },
  }
}
