import * as contract from '@pileus/contract/generated/ecs'
import { parsePublicKey } from '../domain/key-pairs.ts'
import { tagsOf } from '../domain/tag-parameters.ts'
import { keepKeyPair } from '../key-pairs.ts'
import { write } from '../operation.ts'

export const ImportKeyPair = write(contract.ImportKeyPair, {
  permission: 'ecs:ImportKeyPair',
  resources: (request) => [`keypair/${request.KeyPairName}`],
  places: (_request, regionId) => regionId,
  async run(ctx, request) {
    const { publicKey, fingerprint } = parsePublicKey(request.PublicKeyBody)
    const name = request.KeyPairName
    const tags = tagsOf(request.Tag)
    await keepKeyPair(ctx, { name, publicKey, fingerprint, resourceGroupId: request.ResourceGroupId, tags })
    return { KeyPairName: name, KeyPairFingerPrint: fingerprint }
  },
})
