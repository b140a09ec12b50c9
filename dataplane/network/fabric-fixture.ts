/** A real fabric of its own for tests, with network namespaces in the place of machines. */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CommandError, run } from './commands.ts'
import { ensureFabric, type Fabric, requiredPrograms, stopFabric } from './host.ts'
import { type HostPorts, openHostPorts } from './host-ports.ts'
import { ensureNamespace, listNamespaces, removeNamespace } from './namespaces.ts'

/** Why this machine cannot run a fabric; undefined when it can. */
export function findFabricObstacle(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root'
  const path = `${process.env['PATH'] ?? ''}${delimiter}/usr/sbin${delimiter}/sbin`.split(delimiter)
  const programs = [...requiredPrograms, { program: 'busybox', debianPackage: 'busybox-static' }]
  const missing = programs.filter(({ program }) => !path.some((dir) => existsSync(join(dir, program))))
  if (missing.length === 0) return undefined
  return `needs Debian packages: ${[...new Set(missing.map((each) => each.debianPackage))].join(' ')}`
}

export interface Endpoint {
  netns: string
  ifname: string
}

export interface FabricFixture {
  fabric: Fabric
  ports: HostPorts
  /** A namespace with one interface bound to a logical port; `address` as `10.0.0.5/24`, absent to use DHCP. */
  addEndpoint(port: { id: string; mac: string; address?: string; gateway?: string }): Promise<Endpoint>
  removeEndpoint(endpoint: Endpoint): Promise<void>
  /** Whether one ICMP echo from an endpoint is answered within a second. */
  pings(from: Endpoint, to: string): Promise<boolean>
  /** Standard output of a program in an endpoint's namespace. */
  runIn(endpoint: Endpoint, ...command: string[]): Promise<string>
  [Symbol.asyncDispose](): Promise<void>
}

/** Starts a fabric in a namespace and directory that nobody else uses; `subDir` makes its path longer. */
export async function startFabricFixture(options: { subDir?: string } = {}): Promise<FabricFixture> {
  const namespace = `plt${randomBytes(4).toString('hex')}`
  const dir = mkdtempSync(join(tmpdir(), `${namespace}-`))
  const runDir = join(dir, options.subDir ?? '')
  const fabric = await ensureFabric({ namespace, runDir })
  const ports = openHostPorts(fabric)
  let count = 0

  const runIn = async (endpoint: Endpoint, ...command: string[]) =>
    await run('ip', ['netns', 'exec', endpoint.netns, ...command])

  return {
    fabric,
    ports,
    runIn,
    async addEndpoint({ id, mac, address, gateway }) {
      count += 1
      const endpoint = { netns: `${namespace}-e${count}`, ifname: `e${count}` }
      await ensureNamespace(endpoint.netns)
      await ports.attachPort(id, endpoint.ifname, 'internal')
      await run('ip', ['-n', namespace, 'link', 'set', endpoint.ifname, 'netns', endpoint.netns])
      const commands = [`link set ${endpoint.ifname} address ${mac}`, `link set ${endpoint.ifname} up`]
      if (address) commands.push(`address add ${address} dev ${endpoint.ifname}`)
      if (gateway) commands.push(`route add default via ${gateway}`)
      await run('ip', ['-n', endpoint.netns, '-batch', '-'], { input: `${commands.join('\n')}\n` })
      return endpoint
    },
    async removeEndpoint(endpoint) {
      await ports.detachPort(endpoint.ifname)
      await removeNamespace(endpoint.netns)
    },
    async pings(from, to) {
      try {
        await runIn(from, 'busybox', 'ping', '-c', '1', '-W', '1', to)
        return true
      } catch (error) {
        if (error instanceof CommandError) return false
        throw error
      }
    },
    async [Symbol.asyncDispose]() {
      ports.close()
      for (const name of listNamespaces(`${namespace}-e`)) await removeNamespace(name)
      await stopFabric(fabric)
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/**
 * Waits until `condition` holds.
 * @throws Error when it does not within `timeoutMs`
 */
export async function eventually(what: string, condition: () => Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`)
    await sleep(20)
  }
}
