/** A cloud with real machines on a real network, on data and in a namespace of its own. */

import { randomBytes } from 'node:crypto'
import { chmodSync, copyFileSync, linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { ReadyBlock } from '@pileus/cloud/config'
import { ensureImage, guestDirUnder } from '@pileus/dataplane/images/build'
import { imagesDirOf } from '@pileus/dataplane/images/catalog'
import { callRpc } from '@pileus/testkit/rpc-client'
import { disposable } from './interrupt.ts'
import { cacheDirectory, installDirectory, type Program, start } from './programs.ts'

// biome-ignore lint/suspicious/noExplicitAny: benches look into answers of every shape.
type Answer = any

export interface RealCloud extends AsyncDisposable {
  dataDir: string
  /** Network namespace of its switch and machines. */
  namespace: string
  /** Directory of the network's databases and sockets. */
  fabricDir: string
  program: Program
  zoneIds: string[]
  /** @throws Error with the answer when it is no success */
  call(product: 'ecs' | 'vpc', action: string, parameters?: Record<string, string>): Promise<Answer>
}

/** `./pileus up --engine qemu` with the small image; disposing of it removes machines, network and data. */
export async function startRealCloud(): Promise<RealCloud> {
  const dataDir = makePlace('pileus-bench-')
  const namespace = `pb${randomBytes(4).toString('hex')}`
  const pileus = [join(installDirectory(), 'pileus')]
  let program: Program | undefined
  const dispose = disposable(async () => {
    // The interrupt powers machines off and takes the network down.
    await program?.stop(90_000)
    await finish(start(process.execPath, [...pileus, 'reset', '--yes', '--data', dataDir]))
    rmSync(dataDir, { recursive: true, force: true })
  })
  try {
    await placeMicroImage(dataDir)
    const ports = ['--port', '0', '--https-port', '0']
    const place = ['--data', dataDir, '--namespace', namespace, ...ports, '--regions', 'cn-hangzhou']
    program = start(process.execPath, [...pileus, 'up', '--engine', 'qemu', ...place, '--images', 'micro', '--json'])
    const ready = JSON.parse(await program.nextLine()) as ReadyBlock
    const endpoint = ready.endpoint.replace(/^http:\/\//, '')
    const regionId = ready.defaultRegion
    const call = async (product: 'ecs' | 'vpc', action: string, parameters: Record<string, string> = {}) => {
      const answer = await callRpc(endpoint, ready, product, action, { RegionId: regionId, ...parameters })
      if (answer.status !== 200) throw new Error(`${action} got ${answer.status} ${JSON.stringify(answer.body)}`)
      return answer.body
    }
    const { Zones } = await call('ecs', 'DescribeZones')
    const zoneIds = Zones.Zone.map((zone: { ZoneId: string }) => zone.ZoneId)
    const fabricDir = join(dataDir, 'fabric')
    return { dataDir, namespace, fabricDir, program, zoneIds, call, [Symbol.asyncDispose]: dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

/** A directory that unprivileged machines may pass through. */
export function makePlace(prefix: string): string {
  const directory = mkdtempSync(join(tmpdir(), prefix))
  chmodSync(directory, 0o711)
  return directory
}

/** Puts the small image into a data directory, built once for all benches; its files are never written again. */
export async function placeMicroImage(dataDir: string): Promise<void> {
  const root = installDirectory()
  const image = await ensureImage('micro', { dataDir: cacheDirectory(), guestDir: guestDirUnder(root) })
  const { kernelPath, initrdPath, diskPath, ...record } = image
  const imageDir = join(imagesDirOf(dataDir), image.id)
  for (const [from, name] of [
    [kernelPath, image.kernel],
    [initrdPath, image.initrd],
    [diskPath, image.disk],
  ] as const) {
    mkdirSync(dirname(join(imageDir, name)), { recursive: true })
    linkOrCopy(from, join(imageDir, name))
  }
  writeFileSync(join(imageDir, 'image.json'), JSON.stringify(record))
}

function linkOrCopy(file: string, target: string): void {
  try {
    linkSync(file, target)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
    copyFileSync(file, target)
  }
}

async function finish(program: Program): Promise<void> {
  while ((await program.nextLine().catch(() => undefined)) !== undefined);
}
