import { createHmac, randomUUID } from 'node:crypto'
import { listProducts } from '@pileus/contract/contract'
import { percentEncode } from '@pileus/gateway/protocols/percent'

export interface RpcCredentials {
  accessKeyId: string
  accessKeySecret: string
  securityToken?: string
  method?: 'GET' | 'POST'
  /** Overrides system parameters, to send wrong ones. */
  system?: Record<string, string>
}

export interface RpcAnswer {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  body: any
}

/** Signs with RPC v1 and sends one call, independently of the gateway's own code for verifying. */
export async function callRpc(
  endpoint: string,
  credentials: RpcCredentials,
  product: string,
  action: string,
  parameters: Record<string, string>,
): Promise<RpcAnswer> {
  const version = listProducts().find((one) => one.product.toLowerCase() === product.toLowerCase())?.version
  const all: Record<string, string> = {
    Action: action,
    Version: version ?? product,
    Format: 'JSON',
    AccessKeyId: credentials.accessKeyId,
    SignatureMethod: 'HMAC-SHA1',
    SignatureVersion: '1.0',
    SignatureNonce: randomUUID(),
    Timestamp: `${new Date().toISOString().slice(0, 19)}Z`,
    ...(credentials.securityToken ? { SecurityToken: credentials.securityToken } : {}),
    ...parameters,
    ...credentials.system,
  }
  const method = credentials.method ?? 'POST'
  const canonical = Object.keys(all)
    .sort()
    .map((name) => `${percentEncode(name)}=${percentEncode(all[name] ?? '')}`)
    .join('&')
  const signature = createHmac('sha1', `${credentials.accessKeySecret}&`)
    .update(`${method}&%2F&${percentEncode(canonical)}`)
    .digest('base64')
  const query = `${canonical}&Signature=${percentEncode(signature)}`
  const response = await (method === 'GET'
    ? fetch(`http://${endpoint}/?${query}`)
    : fetch(`http://${endpoint}/`, {
        method,
        body: query,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      }))
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json')
  return { status: response.status, body: isJson ? JSON.parse(text) : text }
}
