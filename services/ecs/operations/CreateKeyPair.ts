import * as contract from '@pileus/contract/generated/ecs'
import { createKeyPair } from '../domain/key-pairs.ts'
import { tagsOf } from '../domain/tag-parameters.ts'
import { keepKeyPair } from '../key-pairs.ts'
import { write } from '../operation.ts'

/** Answers the private key, which is kept nowhere else. */
export const CreateKeyPair = write(contract.CreateKeyPair, {
  permission: 'ecs:CreateKeyPair',
  resources: (request) => [`keypair/${request.KeyPairName}`],
  places: (_request, regionId) => regionId,
  async run(ctx, request) {
    const pair = await createKeyPair()
    const id = await keepKeyPair(ctx, {
      name: request.KeyPairName,
      publicKey: pair.publicKey,
      fingerprint: pair.fingerprint,
      resourceGroupId: request.ResourceGroupId,
      tags: tagsOf(request.Tag),
    })
    return {
      KeyPairId: id,
      KeyPairName: request.KeyPairName,
      KeyPairFingerPrint: pair.fingerprint,
      PrivateKeyBody: pair.privateKeyPem,
    }
  },
})
