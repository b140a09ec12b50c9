/** Starts built images under QEMU for the tests: software CPU, user networking, a metadata service of the test's own. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, createConnection, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { InstalledImage } from './catalog.ts'

const run = promisify(execFile)

/** A metadata service; it answers below any version, such as `/latest/`, and lists folders. */
export class MetadataStub {
  /** Values by path below the version. */
  readonly values: Map<string, string>
  readonly asked: string[] = []
  private readonly server: Server

  private constructor(values: Record<string, string>, requireToken: boolean) {
    this.values = new Map(Object.entries(values))
    this.server = createServer((request, response) => {
      const path = (request.url ?? '').replace(/^\/[^/]+\//, '')
      this.asked.push(`${request.method} ${path}`)
      if (request.method === 'PUT' && path === 'api/token') return void response.end('a-token')
      const value = this.values.get(path) ?? this.listing(path)
      const allowed = !requireToken || request.headers['x-aliyun-ecs-metadata-token'] === 'a-token'
      response.statusCode = allowed ? (value === undefined ? 404 : 200) : 403
      response.end(response.statusCode === 200 ? value : '')
    })
  }

  /** Names in a folder, one on a line; folders in it end with a slash. */
  private listing(path: string): string | undefined {
    if (!path.endsWith('/')) return undefined
    const inside = [...this.values.keys()].filter((key) => key.startsWith(path) && key !== path)
    const names = inside.map((key) => key.slice(path.length).replace(/\/.*/, '/'))
    return names.length === 0 ? undefined : [...new Set(names)].join('\n')
  }

  static async start(values: Record<string, string>, { requireToken = true } = {}): Promise<MetadataStub> {
    const stub = new MetadataStub(values, requireToken)
    await once(stub.server.listen(0, '127.0.0.1'), 'listening')
    return stub
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }
}

export interface GuestOptions {
  memoryMiB?: number
  metadata?: MetadataStub
  /** Disk to start from; a fresh overlay of the image's disk if left out. */
  disk?: string
}

/** Makes a disk of a machine: an overlay, as large as the image's disk or larger. */
export async function makeOverlay(image: InstalledImage, target: string, sizeGiB = image.sizeGiB): Promise<void> {
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', image.diskPath, '-F', 'qcow2', target, `${sizeGiB}G`])
}

/** A machine started from an image. */
export class GuestUnderTest {
  console = ''
  readonly startedAt = Date.now()
  private readonly child: ChildProcess
  private readonly dir: string

  private constructor(child: ChildProcess, dir: string) {
    this.child = child
    this.dir = dir
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.console += text
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.console += `[qemu] ${text}`
    })
  }

  static async start(image: InstalledImage, options: GuestOptions = {}): Promise<GuestUnderTest> {
    const dir = await mkdtemp(join(tmpdir(), 'pileus-guest-'))
    const disk = options.disk ?? join(dir, 'disk.qcow2')
    if (options.disk === undefined) await makeOverlay(image, disk)
    const net = 'user,id=net,net=100.100.100.0/24,host=100.100.100.2,dns=100.100.100.3,dhcpstart=100.100.100.15'
    const forward = options.metadata
      ? `,guestfwd=tcp:100.100.100.200:80-cmd:busybox nc 127.0.0.1 ${options.metadata.port}`
      : ''
    const args = [
      ...['-nodefaults', '-no-user-config', '-machine', 'q35', '-accel', 'tcg', '-cpu', 'max', '-smp', '1'],
      ...['-m', String(options.memoryMiB ?? 256), '-display', 'none', '-serial', 'stdio'],
      ...['-smbios', 'type=1,manufacturer=Alibaba Cloud,product=Alibaba Cloud ECS'],
      ...['-kernel', image.kernelPath, '-initrd', image.initrdPath, '-append', image.cmdline],
      ...['-drive', `file=${disk},format=qcow2,if=none,id=disk,cache=unsafe`, '-device', 'virtio-blk-pci,drive=disk'],
      ...['-netdev', `${net}${forward}`, '-device', 'virtio-net-pci,netdev=net,romfile='],
      ...['-device', 'virtio-rng-pci', '-device', 'virtio-serial-pci'],
      ...['-chardev', `socket,id=agent,path=${join(dir, 'agent.sock')},server=on,wait=off`],
      ...['-device', 'virtserialport,chardev=agent,name=org.qemu.guest_agent.0'],
      ...['-qmp', `unix:${join(dir, 'qmp.sock')},server=on,wait=off`],
    ]
    return new GuestUnderTest(spawn('qemu-system-x86_64', args, { stdio: ['ignore', 'pipe', 'pipe'] }), dir)
  }

  /** Waits until the console shows `pattern`. @throws Error with the console's text if it does not in time. */
  async untilConsoleShows(pattern: RegExp, timeoutMs = 60_000): Promise<RegExpMatchArray> {
    const deadline = Date.now() + timeoutMs
    for (;;) {
      const match = this.console.match(pattern)
      if (match) return match
      if (Date.now() > deadline || this.hasEnded) throw new Error(`no ${pattern} on the console:\n${this.console}`)
      await delay(10)
    }
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null
  }

  /** Waits until the machine has switched itself off. */
  async untilOff(timeoutMs = 30_000): Promise<void> {
    const deadline = Date.now() + timeoutMs
    while (!this.hasEnded) {
      if (Date.now() > deadline) throw new Error(`still running after ${timeoutMs} ms:\n${this.console}`)
      await delay(10)
    }
  }

  /** Connects to the guest agent, and keeps asking until it answers. */
  async agent(timeoutMs = 60_000): Promise<GuestAgent> {
    const deadline = Date.now() + timeoutMs
    while (!existsSync(join(this.dir, 'agent.sock')) && !this.hasEnded) await delay(10)
    const socket = createConnection(join(this.dir, 'agent.sock'))
    await once(socket, 'connect')
    const agent = new GuestAgent(socket)
    for (;;) {
      const answer = await Promise.race([agent.ask('guest-ping'), delay(500, 'late' as const)])
      if (answer !== 'late') return agent
      if (Date.now() > deadline || this.hasEnded) throw new Error(`the agent does not answer:\n${this.console}`)
    }
  }

  /** Presses the power button. */
  async pressPowerButton(): Promise<void> {
    const socket = createConnection(join(this.dir, 'qmp.sock'))
    const lines = createInterface(socket)[Symbol.asyncIterator]()
    await lines.next()
    socket.write('{"execute":"qmp_capabilities"}\n')
    await lines.next()
    socket.write('{"execute":"system_powerdown"}\n')
    await lines.next()
    socket.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.hasEnded) {
      this.child.kill('SIGKILL')
      await once(this.child, 'exit')
    }
    await rm(this.dir, { recursive: true, force: true })
  }
}

/** A conversation with qemu-ga. */
export class GuestAgent {
  private readonly socket: Socket
  private readonly waiting: ((answer: Record<string, unknown>) => void)[] = []

  constructor(socket: Socket) {
    this.socket = socket
    createInterface(socket).on('line', (line) => this.waiting.shift()?.(JSON.parse(line)))
  }

  /** @throws Error with the agent's own words if it refuses. */
  async ask(command: string, args: Record<string, unknown> = {}): Promise<unknown> {
    const answer = await new Promise<Record<string, unknown>>((resolve) => {
      this.waiting.push(resolve)
      this.socket.write(`${JSON.stringify({ execute: command, arguments: args })}\n`)
    })
    if (answer['error']) throw new Error(JSON.stringify(answer['error']))
    return answer['return']
  }

  /** Sends a command that is not answered. */
  tell(command: string, args: Record<string, unknown> = {}): void {
    this.socket.write(`${JSON.stringify({ execute: command, arguments: args })}\n`)
  }

  /** Runs a shell command; gives what it wrote to both outputs, and how it ended. */
  async shell(script: string): Promise<{ exitCode: number; output: string }> {
    const started = (await this.ask('guest-exec', {
      path: '/bin/sh',
      arg: ['-c', `{ ${script}\n} 2>&1`],
      'capture-output': true,
    })) as { pid: number }
    for (;;) {
      const status = (await this.ask('guest-exec-status', { pid: started.pid })) as {
        exited: boolean
        exitcode?: number
        'out-data'?: string
      }
      if (status.exited) {
        const output = Buffer.from(status['out-data'] ?? '', 'base64').toString('utf8')
        return { exitCode: status.exitcode ?? -1, output: output.trim() }
      }
      await delay(20)
    }
  }

  close(): void {
    this.socket.destroy()
  }
}

/** How much of the host's disk a file takes up. */
export async function usedMiB(file: string): Promise<number> {
  const { stdout } = await run('du', ['-m', file])
  return Number(stdout.split('\t')[0])
}

/** Reads the first bytes of a file as text. */
export async function magicOf(file: string): Promise<string> {
  return (await readFile(file)).subarray(0, 3).toString('latin1')
}
