import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gatewayIp, isUsable, parseUserCidrs, parseVpcCidr, parseVSwitchCidr, usableRange } from './addressing.ts'
import { contains, findCidr, findFreeBlock, findIpv4, formatCidr, formatIpv4, getCidr, overlap } from './cidr.ts'

describe('addresses and blocks', () => {
  test('every address survives being written and read', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (value) => findIpv4(formatIpv4(value)) === value))
  })

  test.each(['', '1.2.3', '1.2.3.256', '01.2.3.4', '1.2.3.4 ', '::1', '1.2.3.4.5'])('%o is no address', (text) => {
    expect(findIpv4(text)).toBeUndefined()
  })

  test.each(['10.0.0.1/8', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0.0/+8', '10.0.0.0'])(
    '%o is no block with clear host bits',
    (text) => {
      expect(findCidr(text)).toBeUndefined()
    },
  )

  test('blocks that overlap contain one another', () => {
    const block = fc
      .tuple(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 4, max: 32 }))
      .map(([value, length]) => {
        const size = 2 ** (32 - length)
        return getCidr(`${formatIpv4(Math.floor(value / size) * size)}/${length}`)
      })
    fc.assert(fc.property(block, block, (a, b) => overlap(a, b) === (contains(a, b) || contains(b, a))))
  })

  test('free blocks are aligned, inside, and touch nothing that is taken', () => {
    const outer = getCidr('10.0.0.0/16')
    const taken = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 18, max: 26 })).map(([third, length]) => {
        const size = 2 ** (32 - length)
        const first = Math.floor((outer.first + third * 256) / size) * size
        return getCidr(`${formatIpv4(first)}/${length}`)
      }),
    )
    fc.assert(
      fc.property(taken, fc.integer({ min: 17, max: 28 }), (blocks, length) => {
        const found = findFreeBlock(outer, length, blocks)
        if (!found) return blocks.length > 0
        return (
          findCidr(formatCidr(found)) !== undefined &&
          contains(outer, found) &&
          !blocks.some((block) => overlap(block, found))
        )
      }),
    )
  })
})

describe('blocks of VPCs and vswitches', () => {
  test.each(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '192.168.1.0/28', '8.8.8.0/24'])(
    'a VPC may be %s',
    (cidr) => {
      expect(formatCidr(parseVpcCidr(cidr))).toBe(cidr)
    },
  )

  test.each([
    '10.0.0.0/7',
    '10.0.0.0/29',
    '100.64.0.0/10',
    '100.0.0.0/8',
    '169.254.1.0/24',
    '224.0.0.0/8',
    '127.0.0.0/8',
  ])('a VPC must not be %s', (cidr) => {
    expect(() => parseVpcCidr(cidr)).toThrow(expect.objectContaining({ code: 'InvalidCidrBlock.Malformed' }))
  })

  test('a vswitch lies in any block of its VPC, and may fill it', () => {
    const blocks = ['10.0.0.0/16', '172.16.0.0/16']
    expect(formatCidr(parseVSwitchCidr('172.16.4.0/22', blocks, []))).toBe('172.16.4.0/22')
    expect(formatCidr(parseVSwitchCidr('10.0.0.0/16', blocks, []))).toBe('10.0.0.0/16')
    expect(() => parseVSwitchCidr('10.0.0.0/24', blocks, ['10.0.0.0/16'])).toThrow(
      expect.objectContaining({ code: 'InvalidCidrBlock.Overlapped' }),
    )
  })

  test('the first and the last three addresses are kept back; the third from the end is the router', () => {
    const cidr = '192.168.1.0/24'
    expect(usableRange(getCidr(cidr)).count).toBe(252)
    expect(gatewayIp(cidr)).toBe('192.168.1.253')
    const refused = ['192.168.1.0', '192.168.1.253', '192.168.1.254', '192.168.1.255', '192.168.2.1', 'x']
    expect(refused.filter((ip) => isUsable(ip, cidr))).toEqual([])
    expect(['192.168.1.1', '192.168.1.252'].every((ip) => isUsable(ip, cidr))).toBe(true)
    expect(usableRange(getCidr('10.0.0.8/29')).count).toBe(4)
  })

  test('a VPC has three user blocks at most', () => {
    expect(parseUserCidrs('1.0.0.0/8, 2.0.0.0/8')).toEqual(['1.0.0.0/8', '2.0.0.0/8'])
    expect(parseUserCidrs(undefined)).toEqual([])
    expect(() => parseUserCidrs('1.0.0.0/8,2.0.0.0/8,3.0.0.0/8,4.0.0.0/8')).toThrow('3 user CIDR blocks')
  })
})
