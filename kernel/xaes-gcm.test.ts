import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { openXaes, sealXaes } from './xaes-gcm.ts'

const nonce = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWX')
const seal = (keyByte: number, context: string) =>
  sealXaes(Buffer.alloc(32, keyByte), Buffer.from('XAES-256-GCM'), Buffer.from(context), nonce)
    .subarray(24)
    .toString('hex')

describe('XAES-256-GCM', () => {
  test('gives the published vectors, for both values of the highest bit of the subkey', () => {
    expect(seal(1, '')).toBe('ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271')
    expect(seal(3, 'c2sp.org/XAES-256-GCM')).toBe('986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d')
  })

  test('opens what it sealed, and nothing that was altered anywhere', () => {
    const key = createHash('sha256').update('key').digest()
    const context = Buffer.from('context')
    const box = sealXaes(key, Buffer.from('secret'), context)
    expect(openXaes(key, box, context)?.toString()).toBe('secret')
    expect(openXaes(key, box, Buffer.from('contexu'))).toBeUndefined()
    for (let index = 0; index < box.length; index++) {
      const altered = Buffer.from(box)
      altered[index]! ^= 1
      expect(openXaes(key, altered, context)).toBeUndefined()
      expect(openXaes(key, box.subarray(0, index), context)).toBeUndefined()
    }
  })
})
