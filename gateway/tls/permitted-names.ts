/** The names that a local authority may ever certify. Its certificate carries them as critical name constraints. */
import { isIP } from 'node:net'
import { parseHostName, vendorDomain } from '../proxy/vendor-hosts.ts'

export interface PermittedNames {
  /** Each stands for itself and for every name below it. */
  readonly domains: readonly string[]
  /** IP ranges in CIDR form. */
  readonly ranges: readonly string[]
}

/** The vendor's API domain, this machine, and the operator's own names. */
export interface AuthorityNames {
  readonly permitted: PermittedNames
  /** What the certificate of the direct endpoint says: names and addresses by which this machine itself is reached. */
  readonly direct: { readonly domains: readonly string[]; readonly addresses: readonly string[] }
}

function assertDomain(name: string): string {
  const parsed = parseHostName(name)
  if (parsed !== name.toLowerCase()) {
    throw new Error(
      `${JSON.stringify(name)} is neither a DNS name nor an IP address; wildcards and ports have no place`,
    )
  }
  return parsed
}

/** Sorts the operator's extra names into domains and addresses. @throws Error naming the one that is neither. */
export function authorityNames(extraNames: readonly string[]): AuthorityNames {
  const extraAddresses = extraNames.filter((name) => isIP(name) !== 0)
  const extraDomains = extraNames.filter((name) => isIP(name) === 0).map(assertDomain)
  return {
    permitted: {
      domains: [...new Set([vendorDomain, 'localhost', ...extraDomains])],
      ranges: [
        '127.0.0.0/8',
        '::1/128',
        ...extraAddresses.map((address) => `${address}/${isIP(address) === 4 ? 32 : 128}`),
      ],
    },
    direct: {
      domains: [...new Set(['localhost', ...extraDomains])],
      addresses: [...new Set(['127.0.0.1', '::1', ...extraAddresses])],
    },
  }
}

/** Whether a DNS name, in lower case, lies under one of the permitted domains. */
export function permitsDomain(permitted: PermittedNames, name: string): boolean {
  return permitted.domains.some((domain) => name === domain || name.endsWith(`.${domain}`))
}
