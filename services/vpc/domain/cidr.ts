/** IPv4 blocks as numbers, so that rules compare them without text. */
export interface Cidr {
  /** First address, as an unsigned 32-bit number. */
  readonly first: number
  /** Last address, inclusive. */
  readonly last: number
  readonly prefixLength: number
}

/** An address as an unsigned 32-bit number; undefined when `text` is no dotted IPv4 address. */
export function findIpv4(text: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
  if (!parts) return undefined
  let value = 0
  for (const part of parts.slice(1)) {
    // A leading zero means octal to some readers and nothing to others.
    if (Number(part) > 255 || (part.length > 1 && part.startsWith('0'))) return undefined
    value = value * 256 + Number(part)
  }
  return value
}

export function formatIpv4(value: number): string {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join('.')
}

/** A block whose host bits are all zero; undefined for anything else. */
export function findCidr(text: string): Cidr | undefined {
  const parsed = findCidrOfHost(text)
  return parsed && text.startsWith(`${formatIpv4(parsed.first)}/`) ? parsed : undefined
}

/** The block around an address such as `10.1.2.3/16`; a bare address is a block of one. */
export function findCidrOfHost(text: string): Cidr | undefined {
  const [address = '', length = '32', ...rest] = text.split('/')
  const value = findIpv4(address)
  if (value === undefined || rest.length > 0 || !/^\d{1,2}$/.test(length) || Number(length) > 32) return undefined
  const prefixLength = Number(length)
  const size = 2 ** (32 - prefixLength)
  const first = Math.floor(value / size) * size
  return { first, last: first + size - 1, prefixLength }
}

export function formatCidr(cidr: Cidr): string {
  return `${formatIpv4(cidr.first)}/${cidr.prefixLength}`
}

export function contains(outer: Cidr, inner: Cidr): boolean {
  return inner.first >= outer.first && inner.last <= outer.last
}

export function overlap(a: Cidr, b: Cidr): boolean {
  return a.first <= b.last && b.first <= a.last
}

/** @throws Error for text that is no block: rows hold checked ones only. */
export function getCidr(text: string): Cidr {
  const cidr = findCidr(text)
  if (!cidr) throw new Error(`"${text}" is no IPv4 block`)
  return cidr
}

/** The lowest block of `prefixLength` in `outer` that touches none of `taken`. */
export function findFreeBlock(outer: Cidr, prefixLength: number, taken: readonly Cidr[]): Cidr | undefined {
  const size = 2 ** (32 - prefixLength)
  let first = outer.first
  while (first + size - 1 <= outer.last) {
    const block = { first, last: first + size - 1, prefixLength }
    const hit = taken.find((other) => overlap(block, other))
    if (!hit) return block
    // Continue at the first aligned address behind what is in the way.
    first = Math.max(first + size, Math.ceil((hit.last + 1) / size) * size)
  }
  return undefined
}
