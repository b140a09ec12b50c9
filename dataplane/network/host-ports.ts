/**
 * Puts interfaces of this machine on the integration bridge, where OVN's controller binds them to logical ports.
 *
 * The row of a port in the switch's database is the record of what exists: it is written before its tap or namespace is
 * made and deleted after they are gone. So whatever moment this process dies at, the lists below name all there is.
 */
import { effect } from '@pileus/kernel/effects'
import type { Operation } from '../ovsdb/operations.ts'
import { named } from '../ovsdb/schema.ts'
import { CommandError, run } from './commands.ts'
import type { FabricPlace } from './daemons.ts'
import { KeyedLock } from './keyed-lock.ts'
import { findNamed, type LocalDatabase, openLocalDatabase } from './local-database.ts'
import { integrationBridge } from './local-tables.ts'
import {
  metadataAddress,
  metadataInterfaceName,
  metadataMac,
  metadataNamespace,
  metadataPortName,
  serviceNetwork,
  tapName,
} from './names.ts'
import { ensureNamespace, namespaceExists, removeNamespace } from './namespaces.ts'

/** Keys in `external_ids` of a switch port that say what it stands for: a port id, or a router id. */
const tapKey = 'pileus-tap'
const metadataKey = 'pileus-metadata'

const attachTimeoutMs = 10_000

export interface Tap {
  portId: string
  ifname: string
  /**
   * Whether a guest may leave checksums and segmentation to the switch. The switch inside ovs-vswitchd does neither, and
   * drops what comes without them: the virtual card must then be offered with `csum=off`.
   */
  offload: boolean
}

export interface MetadataPort {
  routerId: string
  /** Network namespace in which 100.100.100.200 is an address of this machine. */
  netns: string
}

interface PortPlan {
  ifname: string
  /** Name of the logical port it is bound to. */
  logicalPort: string
  /** `internal` interfaces are made by the switch itself; others must exist. */
  type: '' | 'internal'
  labels: [string, string][]
}

export interface HostPorts {
  /** A tap in the fabric's namespace that `uid` may open, on the bridge as port `portId`; safe to repeat. */
  ensureTap(portId: string, uid: number): Promise<Tap>
  removeTap(portId: string): Promise<void>
  listTaps(): Promise<Tap[]>
  /** The place where a router's metadata service listens; safe to repeat, and repairs what is broken. */
  ensureMetadataPort(routerId: string): Promise<MetadataPort>
  removeMetadataPort(routerId: string): Promise<void>
  listMetadataPorts(): Promise<MetadataPort[]>
  /**
   * Binds an interface in the fabric's namespace to a logical port. It must exist, unless the switch is to make it: an
   * `internal` one may be moved to another namespace.
   */
  attachPort(portId: string, ifname: string, type?: '' | 'internal'): Promise<void>
  detachPort(ifname: string): Promise<void>
  close(): void
}

/** Opens this machine's side of a fabric that `ensureFabric` has made; it connects by itself and goes on trying. */
export function openHostPorts(place: FabricPlace): HostPorts {
  return new OvsHostPorts(place)
}

class OvsHostPorts implements HostPorts {
  readonly #place: FabricPlace
  readonly #database: LocalDatabase
  readonly #lock = new KeyedLock()

  constructor(place: FabricPlace) {
    this.#place = place
    this.#database = openLocalDatabase(place.runDir)
  }

  async ensureTap(portId: string, uid: number): Promise<Tap> {
    const ifname = tapName(portId)
    return await this.#lock.run(ifname, async () => {
      const plan: PortPlan = { ifname, logicalPort: portId, type: '', labels: [[tapKey, portId]] }
      await this.#ensureRow(plan)
      const owner = await this.#findTapOwner(ifname)
      if (owner !== undefined && owner !== uid) await this.#deleteLink(ifname)
      if (owner !== uid) await effect('tap.create', () => this.#createTap(ifname, uid))
      await this.#untilAttached(ifname)
      // Not before: as it opens an interface, the switch writes back the flags it read, and would take this one down.
      await effect('tap.up', () => this.#ip([`link set dev ${ifname} up`]))
      return this.#describeTap(portId)
    })
  }

  async removeTap(portId: string): Promise<void> {
    const ifname = tapName(portId)
    await this.#lock.run(ifname, async () => {
      await this.#deleteLink(ifname)
      await this.#removeRow(ifname)
    })
  }

  async listTaps(): Promise<Tap[]> {
    return (await this.#listLabelled(tapKey)).map(({ label }) => this.#describeTap(label))
  }

  async ensureMetadataPort(routerId: string): Promise<MetadataPort> {
    const ifname = metadataInterfaceName(routerId)
    const netns = metadataNamespace(this.#place.namespace, routerId)
    return await this.#lock.run(ifname, async () => {
      const plan: PortPlan = {
        ifname,
        logicalPort: metadataPortName(routerId),
        type: 'internal',
        labels: [[metadataKey, routerId]],
      }
      await this.#ensureRow(plan)
      await ensureNamespace(netns)
      await this.#untilAttached(ifname)
      const moved = await linkExists(netns, ifname)
      const made = await linkExists(this.#place.namespace, ifname)
      if (!moved && !made) await this.#renewInternal(plan)
      // A switch that has started again makes its own interface anew, and leaves the one it had before behind, dead.
      if (moved && made) await effect('metadata-port.delete', () => deleteLink(netns, ifname))
      if (!moved || made) await effect('metadata-port.move', () => this.#moveLink(ifname, netns))
      await effect('metadata-port.address', () => addressMetadataPort(netns, ifname, metadataMac(routerId)))
      return { routerId, netns }
    })
  }

  async removeMetadataPort(routerId: string): Promise<void> {
    const ifname = metadataInterfaceName(routerId)
    await this.#lock.run(ifname, async () => {
      await removeNamespace(metadataNamespace(this.#place.namespace, routerId))
      await this.#removeRow(ifname)
    })
  }

  async listMetadataPorts(): Promise<MetadataPort[]> {
    const netns = (routerId: string) => metadataNamespace(this.#place.namespace, routerId)
    return (await this.#listLabelled(metadataKey)).map(({ label }) => ({ routerId: label, netns: netns(label) }))
  }

  async attachPort(portId: string, ifname: string, type: '' | 'internal' = ''): Promise<void> {
    await this.#lock.run(ifname, async () => {
      await this.#ensureRow({ ifname, logicalPort: portId, type, labels: [] })
      await this.#untilAttached(ifname)
    })
  }

  async detachPort(ifname: string): Promise<void> {
    await this.#lock.run(ifname, () => this.#removeRow(ifname))
  }

  close(): void {
    this.#database.client.close()
  }

  async #ensureRow(plan: PortPlan): Promise<void> {
    await this.#database.writer.write(`adding port ${plan.ifname}`, () => this.#planRow(plan))
  }

  #planRow(plan: PortPlan): Operation[] {
    const { build } = this.#database
    const bridge = findNamed(this.#database, 'Bridge', integrationBridge)
    if (!bridge) throw new Error(`bridge ${integrationBridge} is missing: the fabric is not set up`)
    const labels = new Map(plan.labels)
    const bound = { name: plan.ifname, type: plan.type }
    const found = findNamed(this.#database, 'Interface', plan.ifname)
    const port = findNamed(this.#database, 'Port', plan.ifname)
    if (found && port) {
      const row = found.row
      if (row.type === plan.type && row.external_ids.get('iface-id') === plan.logicalPort) return []
      const external_ids = new Map([...row.external_ids, ['iface-id', plan.logicalPort] as const])
      return [build.update('Interface', found.uuid, { ...bound, external_ids })]
    }
    const external_ids = new Map([['iface-id', plan.logicalPort]])
    const [interfaceName, portName] = [`interface_${plan.ifname}`, `port_${plan.ifname}`]
    return [
      build.insert('Interface', { ...bound, external_ids }, interfaceName),
      build.insert(
        'Port',
        { name: plan.ifname, interfaces: new Set([named(interfaceName)]), external_ids: labels },
        portName,
      ),
      build.add('Bridge', bridge.uuid, 'ports', new Set([named(portName)])),
    ]
  }

  async #removeRow(ifname: string): Promise<void> {
    await this.#database.writer.write(`removing port ${ifname}`, () => {
      const bridge = findNamed(this.#database, 'Bridge', integrationBridge)
      const port = findNamed(this.#database, 'Port', ifname)
      if (!bridge || !port) return []
      return [this.#database.build.remove('Bridge', bridge.uuid, 'ports', new Set([port.uuid]))]
    })
  }

  async #listLabelled(key: string): Promise<{ label: string }[]> {
    await this.#database.client.ready()
    const found = []
    for (const row of this.#database.replica.table('Port').rows.values()) {
      const label = row.external_ids.get(key)
      if (label !== undefined) found.push({ label })
    }
    return found
  }

  #describeTap(portId: string): Tap {
    const bridge = findNamed(this.#database, 'Bridge', integrationBridge)
    return { portId, ifname: tapName(portId), offload: bridge?.row.datapath_type === 'system' }
  }

  /** Makes an internal interface again that went away with its namespace, which the switch does not notice. */
  async #renewInternal(plan: PortPlan): Promise<void> {
    await this.#removeRow(plan.ifname)
    // A switch that sees the row go and come at once keeps the interface it has.
    await this.#untilSwitchFollows()
    await this.#ensureRow(plan)
    await this.#untilAttached(plan.ifname)
  }

  /** Waits until the switch has done all that its database says now. */
  async #untilSwitchFollows(): Promise<void> {
    const root = () => [...this.#database.replica.table('Open_vSwitch').rows][0]
    await this.#database.writer.write('asking the switch to answer', () =>
      root() ? [this.#database.build.increment('Open_vSwitch', root()![0], 'next_cfg')] : [],
    )
    const asked = root()?.[1].next_cfg ?? 0
    const followed = await this.#database.replica.until(() => (root()?.[1].cur_cfg ?? 0) >= asked, attachTimeoutMs)
    if (!followed) throw new Error(`the switch does not follow its database within ${attachTimeoutMs} ms`)
  }

  /** Waits until the switch has opened the interface. */
  async #untilAttached(ifname: string): Promise<void> {
    const row = () => findNamed(this.#database, 'Interface', ifname)?.row
    const attached = await this.#database.replica.until(() => (row()?.ofport ?? -1) > 0, attachTimeoutMs)
    if (!attached) throw new Error(`the switch does not open ${ifname}: ${row()?.error ?? 'no reason given'}`)
  }

  async #createTap(ifname: string, uid: number): Promise<void> {
    await this.#ip([`tuntap add dev ${ifname} mode tap user ${uid}`])
  }

  async #moveLink(ifname: string, netns: string): Promise<void> {
    await this.#ip([`link set dev ${ifname} netns ${netns}`])
  }

  async #deleteLink(ifname: string): Promise<void> {
    if (!namespaceExists(this.#place.namespace)) return
    if (!(await linkExists(this.#place.namespace, ifname))) return
    await effect('tap.delete', () => deleteLink(this.#place.namespace, ifname))
  }

  /** User id that may open a tap; undefined when there is no such tap. */
  async #findTapOwner(ifname: string): Promise<number | undefined> {
    const command = ['netns', 'exec', this.#place.namespace, 'cat', `/sys/class/net/${ifname}/owner`]
    try {
      return Number(await run('ip', command))
    } catch (error) {
      if (error instanceof CommandError && error.stderr.includes('No such file')) return undefined
      throw error
    }
  }

  async #ip(commands: string[]): Promise<void> {
    await run('ip', ['-n', this.#place.namespace, '-batch', '-'], { input: `${commands.join('\n')}\n` })
  }
}

async function linkExists(netns: string, ifname: string): Promise<boolean> {
  try {
    await run('ip', ['-n', netns, 'link', 'show', 'dev', ifname])
    return true
  } catch (error) {
    if (error instanceof CommandError && /does not exist|Cannot find device/i.test(error.stderr)) return false
    throw error
  }
}

async function deleteLink(netns: string, ifname: string): Promise<void> {
  await run('ip', ['-n', netns, 'link', 'delete', 'dev', ifname])
}

async function addressMetadataPort(netns: string, ifname: string, mac: string): Promise<void> {
  const commands = [
    `link set dev ${ifname} address ${mac}`,
    `address replace ${metadataAddress}/${serviceNetwork.prefixLength} dev ${ifname}`,
    `link set dev ${ifname} up`,
    `route replace default via ${serviceNetwork.gatewayIp} dev ${ifname}`,
  ]
  await run('ip', ['-n', netns, '-batch', '-'], { input: `${commands.join('\n')}\n` })
}
