/** Calls the public API of a running cloud, as any client does, with a key of its own. */
import { createHmac, randomUUID } from 'node:crypto'
import type { ReadyBlock } from '@pileus/cloud/config'
import { percentEncode } from '@pileus/gateway/protocols/percent'
import { CliError } from './cli-error.ts'

/** One call, signed with RPC v1. @throws CliError with the code and message of a refusal */
export async function callApi<Answer>(
  { endpoint, accessKeyId, accessKeySecret }: Pick<ReadyBlock, 'endpoint' | 'accessKeyId' | 'accessKeySecret'>,
  version: string,
  action: string,
  parameters: Readonly<Record<string, string>>,
): Promise<Answer> {
  const all: Record<string, string> = {
    ...parameters,
    Action: action,
    Version: version,
    Format: 'JSON',
    AccessKeyId: accessKeyId,
    SignatureMethod: 'HMAC-SHA1',
    SignatureVersion: '1.0',
    SignatureNonce: randomUUID(),
    Timestamp: `${new Date().toISOString().slice(0, 19)}Z`,
  }
  const query = Object.keys(all)
    .sort()
    .map((name) => `${percentEncode(name)}=${percentEncode(all[name] ?? '')}`)
    .join('&')
  const signature = createHmac('sha1', `${accessKeySecret}&`)
    .update(`POST&%2F&${percentEncode(query)}`)
    .digest('base64')
  const response = await fetch(`http://${endpoint}/`, {
    method: 'POST',
    body: `${query}&Signature=${percentEncode(signature)}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  const body = (await response.json()) as Answer & { Code?: string; Message?: string }
  if (!response.ok) throw new CliError(`${body.Code}: ${body.Message}`)
  return body
}
