/** Machines of a cloud once more, on a plain bridge of the same switch: same flags, same image, no logical network. */

import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '@pileus/dataplane/network/commands'
import { qemuSockets } from '@pileus/dataplane/qemu/arguments'
import { GuestAgentClient } from '@pileus/dataplane/qemu/guest-agent'
import { killProcess, launchQemu, type ProcessIdentity } from '@pileus/dataplane/qemu/process'
import { disposable } from './interrupt.ts'
import { type MachineFlags, makeOverlay } from './raw-machine.ts'
import { makePlace, placeMicroImage, type RealCloud } from './real-cloud.ts'

export interface PlainGuest {
  address: string
  /** Standard output of a shell script in the guest. @throws Error when it fails */
  shell(script: string, timeoutMs?: number): Promise<string>
}

export interface PlainBridge extends AsyncDisposable {
  datapath: string
  guests: PlainGuest[]
  /** Of their QEMUs. */
  pids: number[]
}

const bridge = 'plain0'
const bootTimeoutMs = 60_000

/** Starts one guest for each set of flags, and gives each an address on the bridge. */
export async function startOnPlainBridge(cloud: RealCloud, machines: readonly MachineFlags[]): Promise<PlainBridge> {
  const dataDir = makePlace('pileus-plain-')
  const processes: ProcessIdentity[] = []
  const clients: GuestAgentClient[] = []
  const vsctl = (...args: string[]) => run('ovs-vsctl', [`--db=unix:${cloud.fabricDir}/local.sock`, ...args])
  const taps: string[] = []
  const dispose = disposable(async () => {
    for (const client of clients) client.close()
    for (const each of processes) await killProcess(each)
    await vsctl('--if-exists', 'del-br', bridge)
    for (const tap of taps) await run('ip', ['-n', cloud.namespace, 'link', 'delete', tap])
    rmSync(dataDir, { recursive: true, force: true })
  })
  try {
    for (const name of ['machines', 'disks']) mkdirSync(join(dataDir, name))
    await placeMicroImage(dataDir)
    const datapath = (await vsctl('get', 'Bridge', 'br-int', 'datapath_type')).trim()
    await vsctl('add-br', bridge, '--', 'set', 'Bridge', bridge, `datapath_type=${datapath}`, 'fail_mode=standalone')
    const guests: PlainGuest[] = []
    for (const [index, flags] of machines.entries()) {
      const tap = `plain${index + 1}`
      await run('ip', ['-n', cloud.namespace, 'tuntap', 'add', 'dev', tap, 'mode', 'tap'])
      taps.push(tap)
      await run('ip', ['-n', cloud.namespace, 'link', 'set', 'dev', tap, 'up'])
      await vsctl('add-port', bridge, tap)
      const runDir = join(dataDir, 'machines', flags.machineId, 'run')
      mkdirSync(runDir, { recursive: true })
      await makeOverlay(dataDir, join(dataDir, 'disks', `${flags.diskId}.qcow2`))
      const args = flags.args.map((arg) => arg.replace(`ifname=${flags.ifname},`, `ifname=${tap},`))
      const program = { binary: 'qemu-system-x86_64', args, runDir, namespace: cloud.namespace }
      processes.push(await launchQemu({ ...program, logFile: join(dataDir, `${tap}.log`) }, () => {}))
      const client = await connectToGuest(join(runDir, qemuSockets.guestAgent))
      clients.push(client)
      const address = `192.168.88.${index + 1}`
      const shell = async (script: string, timeoutMs = 120_000): Promise<string> => {
        const { exitCode, stdout } = await client.exec({ path: '/bin/sh', args: ['-c', script], timeoutMs })
        if (exitCode !== 0) throw new Error(`${script} ended with ${exitCode}: ${stdout}`)
        return stdout.toString()
      }
      await shell(`ifconfig eth0 ${address} netmask 255.255.255.0 up`)
      guests.push({ address, shell })
    }
    return { datapath, guests, pids: processes.map(({ pid }) => pid), [Symbol.asyncDispose]: dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

async function connectToGuest(socket: string): Promise<GuestAgentClient> {
  const deadline = Date.now() + bootTimeoutMs
  for (;;) {
    try {
      return await GuestAgentClient.connect(socket, () => {}, 2_000)
    } catch (error) {
      if (Date.now() > deadline) throw new Error('the guest on the plain bridge does not answer', { cause: error })
      await new Promise((wake) => setTimeout(wake, 200))
    }
  }
}
