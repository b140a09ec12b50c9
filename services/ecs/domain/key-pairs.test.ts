import { createPrivateKey } from 'node:crypto'
import { expect, test } from 'vitest'
import { createKeyPair, parsePublicKey } from './key-pairs.ts'

test('a new pair is RSA of 2048 bits, whose public half reads back with the same fingerprint', async () => {
  const pair = await createKeyPair()
  expect(createPrivateKey(pair.privateKeyPem).asymmetricKeyDetails?.modulusLength).toBe(2048)
  expect(parsePublicKey(`${pair.publicKey} comment`)).toEqual({
    publicKey: pair.publicKey,
    fingerprint: pair.fingerprint,
  })
})

test.each(['', 'ssh-rsa', 'ssh-rsa !!', 'ssh-dss AAAAB3NzaC1kc3M=', 'ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAA'])(
  'the public key "%s" is refused',
  (line) => {
    expect(() => parsePublicKey(line)).toThrowError(/PublicKeyBody/)
  },
)
