/**
 * The agent's end of `POST /v1/sync`: says what is observed, is told what is desired. The control plane holds its
 * answer while nothing is new; when there is news here, the held request is dropped and a fresh one sent.
 */
import { Agent as HttpAgent, request as httpRequest, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { DesiredMachine, KeptDisk, SyncRequest, SyncResponse } from '@pileus/kernel/fabric/machines'
import { isJsonObject } from '../qemu/message-socket.ts'

const maxResponseBytes = 256 << 20
const answerMarginMs = 15_000

export interface ControlPlaneOptions {
  /** `http://…`, `https://…` or `http+unix:///path/of/socket`. */
  url: string
  /** Sent as a bearer token. */
  token: string
}

export class ControlPlane {
  readonly #options: ControlPlaneOptions
  readonly #connections = new HttpAgent({ keepAlive: true, maxSockets: 4 })

  constructor(options: ControlPlaneOptions) {
    this.#options = options
  }

  /** One exchange. @throws Error when the control plane is away, refuses, or answers something else; AbortError */
  async sync(body: SyncRequest, signal: AbortSignal): Promise<SyncResponse> {
    return parseSyncResponse(JSON.parse(await this.#post(JSON.stringify(body), body.waitMs + answerMarginMs, signal)))
  }

  close(): void {
    this.#connections.destroy()
  }

  #post(body: string, timeoutMs: number, signal: AbortSignal): Promise<string> {
    const { options, isTls } = this.#target()
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      ...(this.#options.token ? { authorization: `Bearer ${this.#options.token}` } : {}),
    }
    return new Promise((resolve, reject) => {
      const send = isTls ? httpsRequest : httpRequest
      const request = send({ ...options, method: 'POST', headers, signal, timeout: timeoutMs }, (response) => {
        const parts: Buffer[] = []
        let size = 0
        response.on('data', (part: Buffer) => {
          parts.push(part)
          size += part.length
          if (size > maxResponseBytes) request.destroy(new Error('the control plane answers too much'))
        })
        response.on('error', reject)
        response.on('end', () => {
          const text = Buffer.concat(parts).toString('utf8')
          if (response.statusCode === 200) resolve(text)
          else reject(new Error(`the control plane answers ${response.statusCode}: ${text.slice(0, 200)}`))
        })
      })
      request.on('timeout', () => request.destroy(new Error('the control plane does not answer')))
      request.on('error', reject)
      request.end(body)
    })
  }

  #target(): { options: RequestOptions; isTls: boolean } {
    const { url } = this.#options
    if (url.startsWith('http+unix://')) {
      const socketPath = decodeURIComponent(url.slice('http+unix://'.length))
      return { options: { socketPath, path: '/v1/sync', host: 'localhost', agent: this.#connections }, isTls: false }
    }
    const { protocol, hostname, port, pathname } = new URL(url)
    const path = `${pathname.replace(/\/$/, '')}/v1/sync`
    const isTls = protocol === 'https:'
    const target = { hostname: hostname.replace(/^\[|\]$/g, ''), path, ...(port ? { port } : {}) }
    return { options: isTls ? target : { ...target, agent: this.#connections }, isTls }
  }
}

/** Checks what must hold before names become paths and arguments. @throws Error naming what is wrong */
export function parseSyncResponse(value: unknown): SyncResponse {
  if (!isJsonObject(value)) throw new Error('the answer is not an object')
  const { revision, cellId, machines } = value
  if (typeof revision !== 'string' || typeof cellId !== 'string' || cellId === '') {
    throw new Error('the answer has no revision or no cell id')
  }
  if (!Array.isArray(machines)) throw new Error('the answer has no machines')
  return { revision, cellId, machines: machines.map(parseMachine), ...parseKeptDisks(value['disks']) }
}

/** An answer without them says nothing of them. */
function parseKeptDisks(value: unknown): Pick<SyncResponse, 'disks'> {
  if (value === undefined) return {}
  if (!Array.isArray(value) || !value.every(isJsonObject)) throw new Error('the disks to keep are not a list')
  const disks = value as unknown as KeptDisk[]
  disks.forEach(assertDiskName)
  return { disks }
}

function parseMachine(value: unknown): DesiredMachine {
  if (!isJsonObject(value)) throw new Error('a machine is not an object')
  const machine = value as unknown as DesiredMachine
  assertName(machine.id)
  for (const size of [machine.vcpus, machine.memoryMiB]) assertSize(machine.id, size)
  for (const part of ['disks', 'nics', 'commands'] as const) {
    if (!Array.isArray(machine[part])) throw new Error(`machine ${machine.id} has no list of ${part}`)
  }
  if (!isJsonObject(machine.metadata)) throw new Error(`machine ${machine.id} has no metadata`)
  for (const disk of machine.disks) {
    assertDiskName(disk)
    assertSize(machine.id, disk.sizeGiB)
    if (disk.source.kind === 'image') assertName(disk.source.imageId)
  }
  for (const nic of machine.nics) {
    assertName(nic.id)
    if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(nic.mac)) throw new Error(`machine ${machine.id} has an odd MAC address`)
  }
  for (const command of machine.commands) assertName(command.id)
  return machine
}

/** Names become file names and parts of arguments: nothing that means something there. */
function assertName(name: unknown): void {
  if (typeof name === 'string' && /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name)) return
  throw new Error(`${JSON.stringify(name)} cannot be an id`)
}

function assertDiskName(disk: KeptDisk): void {
  assertName(disk.id)
  const { incarnation } = disk
  if (incarnation === undefined || (Number.isSafeInteger(incarnation) && incarnation > 0)) return
  throw new Error(`disk ${disk.id} has an odd incarnation`)
}

function assertSize(machineId: string, size: unknown): void {
  if (typeof size === 'number' && Number.isSafeInteger(size) && size > 0) return
  throw new Error(`machine ${machineId} has an odd size`)
}
