/** When a machine first says something on its serial console, seen the same way whoever runs the machine. */
import { readFileSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const lookEveryMs = 2

export interface BootMoments {
  /** When QEMU's process wrote its pid file, on the clock of `performance.now()`. */
  qemuMs: number
  /** When the console file held a first byte. */
  firstByteMs: number
  /** When it held the line that says the machine is up, with address and identity. */
  readyMs: number
  /** How long the guest's own clock had run by then. */
  guestUptimeMs: number
}

/** @throws Error when the guest does not get there within `timeoutMs`, or without a network */
export async function watchBoot(machineDir: string, timeoutMs = 90_000): Promise<BootMoments> {
  const deadline = performance.now() + timeoutMs
  let [qemuMs, firstByteMs] = [0, 0]
  for (;;) {
    const nowMs = performance.now()
    if (qemuMs === 0 && sizeOf(`${machineDir}/run/qemu.pid`) > 0) qemuMs = nowMs
    const text = sizeOf(`${machineDir}/console.log`) > 0 ? readFileSync(`${machineDir}/console.log`, 'utf8') : ''
    if (firstByteMs === 0 && text !== '') firstByteMs = nowMs
    const said = /pileus-micro: ready in ([\d.]+)s(.*)/.exec(text)
    if (said) {
      if (said[2]?.includes('(')) throw new Error(`the guest came up, but${said[2]}`)
      return { qemuMs, firstByteMs, readyMs: nowMs, guestUptimeMs: Number(said[1]) * 1_000 }
    }
    if (nowMs > deadline) throw new Error(`the guest in ${machineDir} said only ${JSON.stringify(text.slice(-500))}`)
    await sleep(lookEveryMs)
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}
