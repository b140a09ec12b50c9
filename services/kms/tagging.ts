/** Tags of keys and secrets, in the API's older and newer ways. */
import { say } from '@pileus/kernel/messages/text'
import { encodeToken, parsePage } from '@pileus/kernel/pagination'
import { listTagRows, type TagOwner } from '@pileus/kernel/tags'
import { keyResource } from './domain/key-ref.ts'
import { invalid } from './domain/parameters.ts'
import { getKey } from './keys.ts'
import type { KmsContext } from './operation.ts'
import { getSecret } from './secrets.ts'

type Asker = Pick<KmsContext, 'accountId' | 'regionId'>

export function keyTags({ accountId, regionId }: Asker): TagOwner {
  return { accountId, regionId, product: 'kms', resourceType: 'key' }
}

export function secretTags({ accountId, regionId }: Asker): TagOwner {
  return { accountId, regionId, product: 'kms', resourceType: 'secret' }
}

interface TaggedRequest {
  KeyId?: string | undefined
  SecretName?: string | undefined
}

/** Resource part of the ARN of what TagResource names. */
export function taggedResource(request: TaggedRequest): string {
  return request.SecretName ? `secret/${request.SecretName}` : keyResource(request.KeyId || '*')
}

/** @throws InvalidParameter unless it names a key or a secret; not found */
export async function findTagged(ctx: KmsContext, request: TaggedRequest) {
  if (request.SecretName && !request.KeyId) {
    return { owner: secretTags(ctx), resourceId: (await getSecret(ctx, request.SecretName)).secret_id }
  }
  if (request.KeyId && !request.SecretName) {
    return { owner: keyTags(ctx), resourceId: (await getKey(ctx, request.KeyId)).key_id }
  }
  throw invalid('KeyId', say`name either a key by KeyId or a secret by SecretName.`)
}

/** As `taggedResource`, for what TagResources names by type. */
export function namedResource(resourceType: string, named: string): string {
  return resourceType === 'key' ? keyResource(named) : `${resourceType}/${named}`
}

export async function findTaggedNamed(ctx: KmsContext, resourceType: string, named: string) {
  return await findTagged(ctx, parseType(resourceType) === 'key' ? { KeyId: named } : { SecretName: named })
}

export function parseTagKeys(text: string): string[] {
  let list: unknown
  try {
    list = JSON.parse(text)
  } catch {
    list = undefined
  }
  if (!Array.isArray(list) || list.some((key) => typeof key !== 'string')) {
    throw invalid('TagKeys', say`it must be a JSON list such as ["k"].`)
  }
  return list as string[]
}

interface ListTagged {
  ResourceType: string
  ResourceId?: string[] | undefined
  Tag?: { Key?: string | undefined; Value?: string | undefined }[] | undefined
  NextToken?: string | undefined
}

const pageRows = 100

export async function listTagged(ctx: KmsContext, request: ListTagged) {
  const type = parseType(request.ResourceType)
  const page = parsePage({ NextToken: request.NextToken ?? '', MaxResults: pageRows })
  const names = new Map<string, string>()
  for (const named of request.ResourceId ?? []) {
    names.set((await findTaggedNamed(ctx, type, named)).resourceId, named)
  }
  const owner = type === 'key' ? keyTags(ctx) : secretTags(ctx)
  const tags = (request.Tag ?? []).map(({ Key, Value }) => ({ key: Key ?? '', ...(Value ? { value: Value } : {}) }))
  const filter = { ...(names.size > 0 ? { resourceIds: [...names.keys()] } : {}), tags }
  const after = page.kind === 'token' ? page.after : undefined
  const rows = await listTagRows(ctx.db, owner, filter, { after, limit: pageRows })
  const last = rows.length === pageRows ? rows.at(-1) : undefined
  return {
    NextToken: last ? encodeToken(`${last.resource_id}\n${last.key}`) : '',
    TagResources: {
      TagResource: rows.map((row) => ({
        ResourceId: names.get(row.resource_id) ?? row.resource_id,
        ResourceType: type,
        TagKey: row.key,
        TagValue: row.value,
      })),
    },
  }
}

function parseType(text: string): 'key' | 'secret' {
  if (text === 'key' || text === 'secret') return text
  throw invalid('ResourceType', say`it must be key or secret.`)
}
