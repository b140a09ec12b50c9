import * as contract from '@pileus/contract/generated/kms'
import { apiError } from '@pileus/kernel/errors'
import { say } from '@pileus/kernel/messages/text'
import { parseTags, setTags } from '@pileus/kernel/tags'
import { compileKeyPolicy } from '../domain/key-policy.ts'
import { parseKeyKind } from '../domain/key-spec.ts'
import { invalid, parseDescription, parseRotationSeconds, parseTagList } from '../domain/parameters.ts'
import { kmsErrors } from '../errors.ts'
import { createKey, describeKey } from '../keys.ts'
import { write } from '../operation.ts'
import { keyTags } from '../tagging.ts'

/** Makes a key; with Origin EXTERNAL it waits for its material. */
export const CreateKey = write(contract.CreateKey, {
  permission: 'kms:CreateKey',
  resources: () => ['key'],
  places: (_request, regionId) => regionId,
  async run(ctx, request) {
    const kind = parseKeyKind(request)
    const description = parseDescription(request.Description)
    const tags = parseTags(parseTagList(request.Tags))
    if (request.Policy) compileKeyPolicy(ctx.judge, request.Policy)
    const isRotated = request.EnableAutomaticRotation === true
    if (isRotated && (kind.spec !== 'Aliyun_AES_256' || kind.origin !== 'Aliyun_KMS')) {
      const reason = 'only keys of spec Aliyun_AES_256 and origin Aliyun_KMS rotate automatically.'
      throw apiError(kmsErrors.UnsupportedOperation, { reason })
    }
    if (isRotated && !request.RotationInterval) throw invalid('RotationInterval', say`automatic rotation needs it.`)
    const key = await createKey(
      ctx,
      ctx,
      {
        ...kind,
        description,
        creator: ctx.accountId,
        ...(request.Policy ? { policy: request.Policy } : {}),
        ...(isRotated ? { rotationSeconds: parseRotationSeconds(request.RotationInterval ?? '') } : {}),
      },
      ctx.clock.now(),
    )
    await setTags(ctx.db, keyTags(ctx), [key.key_id], tags)
    return { KeyMetadata: describeKey(key) }
  },
})
