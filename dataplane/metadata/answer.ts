/** How the metadata service answers one request. Pure, apart from the randomness in a token. */
import type { MachineMetadata } from '@pileus/kernel/fabric/machines'
import { maxTokenTtlS, type TokenMint } from './tokens.ts'
import { findMetadata, renderMetadata } from './tree.ts'

export interface MetadataRequest {
  method: string
  /** Path and query as they came. */
  url: string
  /** Names in lower case. */
  headers: Readonly<Record<string, string | string[] | undefined>>
}

export interface MetadataAnswer {
  status: 200 | 400 | 401 | 403 | 404 | 405
  body: string | Uint8Array
}

const ttlHeader = 'x-aliyun-ecs-metadata-token-ttl-seconds'
const tokenHeader = 'x-aliyun-ecs-metadata-token'

/** Answers the machine that asks; `machine` is undefined for an address that belongs to none. */
export function answerMetadata(
  request: MetadataRequest,
  machine: MachineMetadata | undefined,
  tokens: TokenMint,
  nowMs: number,
): MetadataAnswer {
  if (!machine) return refuse(404)
  if (machine.httpEndpoint === 'disabled') return refuse(403)
  const path = readPath(request.url)
  if (path === undefined) return refuse(400)
  if (request.method === 'PUT')
    return path === '/latest/api/token' ? giveToken(request, machine, tokens, nowMs) : refuse(405)
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405)
  const token = request.headers[tokenHeader]
  if (token === undefined && machine.httpTokens === 'required') return refuse(403)
  if (token !== undefined && !tokens.isValid(String(token), machine.instanceId, nowMs)) return refuse(401)
  const node = findMetadata(machine, path)
  return node === undefined ? refuse(404) : { status: 200, body: renderMetadata(node) }
}

/** A request that came through a proxy gets no token: the proxy may serve strangers. */
function giveToken(
  request: MetadataRequest,
  machine: MachineMetadata,
  tokens: TokenMint,
  nowMs: number,
): MetadataAnswer {
  if (request.headers['x-forwarded-for'] !== undefined) return refuse(403)
  const text = request.headers[ttlHeader]
  if (typeof text !== 'string' || !/^\d{1,5}$/.test(text)) return refuse(400)
  const ttlS = Number(text)
  if (ttlS < 1 || ttlS > maxTokenTtlS) return refuse(400)
  return { status: 200, body: tokens.issue(machine.instanceId, ttlS, nowMs) }
}

function readPath(url: string): string | undefined {
  try {
    return decodeURIComponent(url.split('?')[0]!)
  } catch {
    return undefined
  }
}

const reasons = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
} as const

function refuse(status: keyof typeof reasons): MetadataAnswer {
  return { status, body: `${status} - ${reasons[status]}\n` }
}
