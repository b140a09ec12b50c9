/** OVN's northbound database as a bench watches it: what is written, and whether every host has it in force. */

import { northboundTables } from '@pileus/dataplane/network/northbound-tables'
import { OvsdbClient } from '@pileus/dataplane/ovsdb/client'
import { Replica } from '@pileus/dataplane/ovsdb/replica'

const watched = {
  NB_Global: northboundTables.NB_Global,
  ACL: northboundTables.ACL,
  Logical_Switch_Port: northboundTables.Logical_Switch_Port,
  Logical_Switch: northboundTables.Logical_Switch,
} as const

export interface Northbound {
  address: string
  /** Waits until an ACL whose match contains `text` is in force on every host. */
  untilRule(text: string): Promise<void>
  /** Waits until a logical port of this name is in force on every host. */
  untilPort(name: string): Promise<void>
  /** UUID of the logical switch that has the most ports. */
  findSwitch(): string
  countPorts(): number
  close(): void
}

const timeoutMs = 30_000

export async function openNorthbound(fabricDir: string): Promise<Northbound> {
  const address = `unix:${fabricDir}/nb.sock`
  const replica = new Replica(watched, {})
  const client = new OvsdbClient({ address, database: 'OVN_Northbound', replica })
  await client.ready()
  const until = async (what: string, isWritten: () => boolean): Promise<void> => {
    let asked = 0
    const isInForce = (): boolean => {
      const global = [...replica.table('NB_Global').rows.values()][0]
      if (!global) return false
      // The transaction that writes the row also counts `nb_cfg` up, so both arrive together.
      if (asked === 0 && isWritten()) asked = global.nb_cfg
      return asked > 0 && global.hv_cfg >= asked
    }
    if (!(await replica.until(isInForce, timeoutMs))) throw new Error(`${what} is not in force after ${timeoutMs} ms`)
  }
  const ports = () => [...replica.table('Logical_Switch_Port').rows.values()]
  return {
    address,
    untilRule: (text) =>
      until(`a rule with ${text}`, () => {
        return [...replica.table('ACL').rows.values()].some((row) => row.match.includes(text))
      }),
    untilPort: (name) => until(`port ${name}`, () => ports().some((row) => row.name === name)),
    countPorts: () => ports().length,
    findSwitch() {
      const switches = [...replica.table('Logical_Switch').rows].sort(([, a], [, b]) => b.ports.size - a.ports.size)
      const [first] = switches
      if (!first) throw new Error('there is no logical switch')
      return first[0]
    },
    close: () => client.close(),
  }
}
