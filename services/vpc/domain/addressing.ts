/** Which blocks VPCs and vswitches may have, and which of a vswitch's addresses customers get. */

import { apiError } from '@pileus/kernel/errors'
import { say, type Text } from '@pileus/kernel/messages/text'
import { errors } from '../errors.ts'
import { type Cidr, contains, findCidr, findIpv4, formatCidr, formatIpv4, getCidr, overlap } from './cidr.ts'

/** Block of a VPC that names none. */
export const defaultVpcCidr = '172.16.0.0/12'
/** Block of the VPC that is made where a caller names none, and the size of vswitches in it. */
export const implicitVpcCidr = '172.31.0.0/16'
export const implicitVSwitchPrefixLength = 20

/** Blocks that networks of customers must leave alone. */
const reservedBlocks = ['100.64.0.0/10', '224.0.0.0/4', '127.0.0.0/8', '169.254.0.0/16'].map(getCidr)
const serviceBlock = getCidr('100.64.0.0/10')

/** @throws InvalidCidrBlock.Malformed */
export function parseVpcCidr(text: string): Cidr {
  const cidr = findCidr(text)
  if (!cidr)
    throw malformed('CidrBlock', text, say`it is not an IPv4 block whose host bits are zero, such as 10.0.0.0/16`)
  if (cidr.prefixLength < 8 || cidr.prefixLength > 28) {
    throw malformed('CidrBlock', text, say`the mask of a VPC is /8 to /28`)
  }
  const taken = reservedBlocks.find((block) => overlap(block, cidr))
  if (taken) throw malformed('CidrBlock', text, say`it overlaps ${formatCidr(taken)}, which is reserved`)
  return cidr
}

/** Another block of a VPC. @throws InvalidCidrBlock.Malformed, InvalidCidrBlock.Overlapped */
export function parseSecondaryCidr(text: string, existing: readonly string[]): Cidr {
  const cidr = parseVpcCidr(text)
  const other = existing.find((block) => overlap(getCidr(block), cidr))
  if (other) throw apiError(errors['InvalidCidrBlock.Overlapped'], { cidr: text, other })
  return cidr
}

/** Comma separated blocks that the customer uses elsewhere: at most three. @throws InvalidUserCidr.* */
export function parseUserCidrs(text: string | undefined): string[] {
  const blocks = (text ?? '')
    .split(',')
    .map((block) => block.trim())
    .filter((block) => block !== '')
  if (blocks.length > 3) throw apiError(errors['InvalidUserCidr.Quota'], { count: blocks.length })
  for (const block of blocks) {
    const cidr = findCidr(block)
    if (!cidr || overlap(cidr, serviceBlock)) throw apiError(errors['InvalidUserCidr.Malformed'], { cidr: block })
  }
  return blocks
}

/**
 * @throws InvalidCidrBlock.Malformed, InvalidCidrBlock.MaskLength, InvalidCidrBlock.NotInVpc,
 *   InvalidCidrBlock.Overlapped
 */
export function parseVSwitchCidr(text: string, vpcBlocks: readonly string[], others: readonly string[]): Cidr {
  const cidr = findCidr(text)
  if (!cidr)
    throw malformed('CidrBlock', text, say`it is not an IPv4 block whose host bits are zero, such as 10.0.1.0/24`)
  if (cidr.prefixLength < 16 || cidr.prefixLength > 29) {
    throw apiError(errors['InvalidCirdrBlock.MaskLength'], { cidr: text })
  }
  if (!vpcBlocks.some((block) => contains(getCidr(block), cidr))) {
    throw apiError(errors.InvalidParameter, {
      parameter: 'CidrBlock',
      reason: say`${text} does not lie in the VPC's ${vpcBlocks.join(', ')}.`,
    })
  }
  const other = others.find((block) => overlap(getCidr(block), cidr))
  if (other) throw apiError(errors['InvalidCidrBlock.Overlapped'], { cidr: text, other })
  return cidr
}

/** Addresses of a vswitch that cards may get: all but the first and the last three. */
export function usableRange(cidr: Cidr): { first: number; last: number; count: number } {
  const first = cidr.first + 1
  const last = cidr.last - 3
  return { first, last, count: last - first + 1 }
}

/** The router's address, third from the end. */
export function gatewayIp(cidr: string): string {
  return formatIpv4(getCidr(cidr).last - 2)
}

/** Whether a card of the vswitch may have this address. */
export function isUsable(ip: string, cidr: string): boolean {
  const value = findIpv4(ip)
  const range = usableRange(getCidr(cidr))
  return value !== undefined && value >= range.first && value <= range.last
}

/** @throws InvalidCidrBlock.Malformed for destinations inside the service block. */
export function parseDestination(text: string): Cidr {
  const cidr = findCidr(text)
  if (!cidr) throw malformed('DestinationCidrBlock', text, say`it is not an IPv4 block whose host bits are zero`)
  if (contains(serviceBlock, cidr)) {
    throw malformed('DestinationCidrBlock', text, say`it lies in ${formatCidr(serviceBlock)}, which is reserved`)
  }
  return cidr
}

function malformed(parameter: string, cidr: string, reason: Text) {
  return apiError(errors['InvalidCidrBlock.Malformed'], { parameter, cidr, reason })
}
