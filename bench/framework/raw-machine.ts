/**
 * QEMU without a cloud: the flags of a machine that our agent runs, word for word, on a disk and a tap made by hand. The
 * directories have the same shape as the agent's, so that the relative paths among the flags hold here too.
 */

import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { ConsoleLog } from '@pileus/dataplane/agent/console-log'
import { ConsoleWatch } from '@pileus/dataplane/agent/console-watch'
import { listenInNamespace } from '@pileus/dataplane/metadata/listener'
import { run } from '@pileus/dataplane/network/commands'
import { ensureNamespace, removeNamespace } from '@pileus/dataplane/network/namespaces'
import { consoleChardev, consoleRingBytes, qemuSockets } from '@pileus/dataplane/qemu/arguments'
import { killProcess, launchQemu, type ProcessIdentity } from '@pileus/dataplane/qemu/process'
import { QmpClient } from '@pileus/dataplane/qemu/qmp-client'
import { silentLog } from '@pileus/kernel/log'
import { disposable } from './interrupt.ts'
import { makePlace, placeMicroImage } from './real-cloud.ts'

/** What one needs to start the same machine again. */
export interface MachineFlags {
  machineId: string
  /** Without the program itself. */
  args: string[]
  diskId: string
  ifname: string
}

/** The flags of a running QEMU. */
export function readFlags(pid: number): MachineFlags {
  const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(1, -1)
  const text = args.join(' ')
  const find = (pattern: RegExp): string => {
    const found = pattern.exec(text)?.[1]
    if (found === undefined) throw new Error(`QEMU runs without ${pattern}`)
    return found
  }
  return { machineId: find(/guest=(\S+)/), args, diskId: find(/disks\/([^/]+)\.qcow2/), ifname: find(/ifname=(\w+)/) }
}

export interface RawMachine {
  process: ProcessIdentity
  machineDir: string
  /** Ends it and removes its disk and tap. */
  remove(): Promise<void>
}

export interface RawHost extends AsyncDisposable {
  namespace: string
  /** Makes disk and tap and starts QEMU; answers once QEMU's monitor does. */
  start(flags: MachineFlags): Promise<RawMachine>
}

/** Address that a raw machine is given. */
const network = { gateway: '192.168.77.1', guest: '192.168.77.10', netmask: '255.255.255.0', prefixLength: 24 }

/** A namespace with a DHCP server and a metadata service on each machine's own tap: one machine at a time. */
export async function openRawHost(): Promise<RawHost> {
  const dataDir = makePlace('pileus-raw-')
  const namespace = `pr${randomBytes(4).toString('hex')}`
  let metadata: Server | undefined
  let dhcp: ProcessIdentity | undefined
  const dispose = disposable(async () => {
    if (dhcp) await killProcess(dhcp)
    metadata?.close()
    metadata?.closeAllConnections()
    await removeNamespace(namespace)
    rmSync(dataDir, { recursive: true, force: true })
  })
  try {
    for (const name of ['machines', 'disks']) mkdirSync(join(dataDir, name), { mode: 0o711 })
    await placeMicroImage(dataDir)
    await ensureNamespace(namespace)
    await run('ip', ['-n', namespace, 'address', 'add', '100.100.100.200/32', 'dev', 'lo'])
    metadata = await serveMetadata(namespace)
  } catch (error) {
    await dispose()
    throw error
  }
  return {
    namespace,
    async start(flags) {
      const machineDir = join(dataDir, 'machines', flags.machineId)
      const runDir = join(machineDir, 'run')
      mkdirSync(runDir, { recursive: true })
      const disk = join(dataDir, 'disks', `${flags.diskId}.qcow2`)
      await makeOverlay(dataDir, disk)
      await makeTap(namespace, flags.ifname)
      const ended = () => {}
      const program = { binary: 'qemu-system-x86_64', args: flags.args, runDir, namespace }
      const process = await launchQemu({ ...program, logFile: join(machineDir, 'qemu.log') }, ended)
      const watching = await followConsole(machineDir, join(runDir, qemuSockets.monitor))
      dhcp ??= await startDhcp(dataDir, namespace, flags.ifname)
      return {
        process,
        machineDir,
        async remove() {
          watching()
          await killProcess(process)
          if (dhcp) await killProcess(dhcp)
          dhcp = undefined
          await run('ip', ['-n', namespace, 'link', 'delete', flags.ifname])
          rmSync(machineDir, { recursive: true })
          rmSync(disk)
        },
      }
    },
    [Symbol.asyncDispose]: dispose,
  }
}

/** A disk of the agent's making, made by hand: an overlay of the image in the same data directory. */
export async function makeOverlay(dataDir: string, disk: string): Promise<void> {
  const imageDir = join(dataDir, 'images', 'pileus_micro_x64.qcow2')
  const record = JSON.parse(readFileSync(join(imageDir, 'image.json'), 'utf8')) as { disk: string; sizeGiB: number }
  const base = ['-F', 'qcow2', '-b', join(imageDir, record.disk)]
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', ...base, disk, `${record.sizeGiB}G`])
  chmodSync(disk, 0o600)
}

async function makeTap(namespace: string, ifname: string): Promise<void> {
  const commands = [
    `tuntap add dev ${ifname} mode tap`,
    `address add ${network.gateway}/${network.prefixLength} dev ${ifname}`,
    `link set dev ${ifname} up`,
  ]
  await run('ip', ['-n', namespace, '-batch', '-'], { input: `${commands.join('\n')}\n` })
}

/** Reads QEMU's ring as the agent does, so that the file is as late as the agent's. */
async function followConsole(machineDir: string, socket: string): Promise<() => void> {
  const monitor = await connect(socket)
  const take = () => monitor.takeRing(consoleChardev, consoleRingBytes)
  const watch = new ConsoleWatch(new ConsoleLog(join(machineDir, 'console.log')), take, () => {}, silentLog)
  watch.expectOutput()
  return () => {
    watch.close()
    monitor.close()
  }
}

async function connect(socket: string): Promise<QmpClient> {
  const deadline = Date.now() + 10_000
  for (;;) {
    try {
      return await QmpClient.connect(socket)
    } catch (error) {
      if (Date.now() > deadline) throw error
      await new Promise((wake) => setTimeout(wake, 5))
    }
  }
}

async function startDhcp(dataDir: string, namespace: string, ifname: string): Promise<ProcessIdentity> {
  const configuration = [
    `start ${network.guest}`,
    `end ${network.guest}`,
    `interface ${ifname}`,
    `pidfile ${dataDir}/dhcp.pid`,
    `lease_file ${dataDir}/dhcp.leases`,
    `option subnet ${network.netmask}`,
    `option router ${network.gateway}`,
  ]
  writeFileSync(join(dataDir, 'dhcp.conf'), `${configuration.join('\n')}\n`)
  writeFileSync(join(dataDir, 'dhcp.leases'), '')
  // Without a limit it first waits two seconds for whoever has the address already.
  const args = ['udhcpd', '-f', '-S', '-a', '1', join(dataDir, 'dhcp.conf')]
  return await launchQemu(
    { binary: 'busybox', args, runDir: dataDir, logFile: join(dataDir, 'dhcp.log'), namespace },
    () => {},
  )
}

async function serveMetadata(namespace: string): Promise<Server> {
  const sockets = await listenInNamespace(namespace, { host: '100.100.100.200', port: 80 })
  const answers: Record<string, string> = {
    'api/token': 'token',
    'meta-data/instance-id': 'i-raw',
    'meta-data/hostname': 'raw',
  }
  const server = createServer((request, response) => {
    const answer = answers[(request.url ?? '').replace(/^\/latest\//, '')]
    response.statusCode = answer === undefined ? 404 : 200
    response.end(answer ?? '')
  })
  sockets.on('connection', (socket) => server.emit('connection', socket))
  server.on('close', () => sockets.close())
  return server
}
