/**
 * Guards for addresses on their way into OVN's expressions, where other text would change what a rule means. The
 * control plane has parsed them; what fails here is a bug there.
 */
import { isIPv4 } from 'node:net'

/** @throws Error when `ip` is no IPv4 address */
export function checkAddress(ip: string): string {
  if (!isIPv4(ip)) throw new Error(`${JSON.stringify(ip)} is no IPv4 address`)
  return ip
}

/** @throws Error when `cidr` is no IPv4 CIDR */
export function checkCidr(cidr: string): string {
  const [, ip, length] = /^([0-9.]+)\/([0-9]{1,2})$/.exec(cidr) ?? []
  if (!ip || !isIPv4(ip) || Number(length) > 32) throw new Error(`${JSON.stringify(cidr)} is no IPv4 CIDR`)
  return cidr
}

/** @throws Error when `mac` is no MAC address in lower case with colons */
export function checkMac(mac: string): string {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(mac)) throw new Error(`${JSON.stringify(mac)} is no MAC address`)
  return mac
}
