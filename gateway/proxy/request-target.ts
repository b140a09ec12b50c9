/** Reading the targets that only proxies get to see: `host:port` of CONNECT and whole URLs of everything else. */
import { isIP } from 'node:net'
import { parseHostName } from './vendor-hosts.ts'

export interface ConnectTarget {
  /** Lower case; an IPv6 address without brackets. */
  readonly host: string
  readonly port: number
}

export interface AbsoluteTarget {
  /** Lower case, without port. */
  readonly host: string
  /** Host and port as they were sent. */
  readonly authority: string
  /** What a server that is no proxy would have been sent: path and query, byte for byte. */
  readonly originForm: string
}

/** The host in an authority or Host header, in lower case and without port, or undefined if it is malformed. */
export function hostOfAuthority(authority: string): string | undefined {
  const bracketed = /^\[([0-9a-f:.]+)\](?::\d{0,5})?$/i.exec(authority)
  if (bracketed !== null) return isIP(bracketed[1]!) === 6 ? bracketed[1]!.toLowerCase() : undefined
  const name = parseHostName(authority)
  if (name !== undefined) return name
  const address = authority.replace(/:\d{0,5}$/, '')
  return isIP(address) === 4 ? address : undefined
}

/** Reads the target of CONNECT, or undefined if it is malformed. */
export function parseConnectTarget(target: string): ConnectTarget | undefined {
  const port = /:(\d{1,5})$/.exec(target)
  const host = hostOfAuthority(target)
  if (port === null || host === undefined) return undefined
  const number = Number(port[1])
  return number >= 1 && number <= 65_535 ? { host, port: number } : undefined
}

/** Whether a request's target is a whole URL, of whatever scheme. */
export function isAbsoluteForm(target: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(target)
}

/** Reads a whole URL, or undefined if it is malformed, of another scheme than http(s), or carries a password. */
export function parseAbsoluteTarget(target: string): AbsoluteTarget | undefined {
  const parts = /^https?:\/\/([^/?#@\\]+)([/?][^#]*)?$/i.exec(target)
  if (parts === null) return undefined
  const authority = parts[1]!
  const rest = parts[2] ?? '/'
  const host = hostOfAuthority(authority)
  if (host === undefined) return undefined
  return { host, authority, originForm: rest.startsWith('/') ? rest : `/${rest}` }
}
