/** The tables and columns of this machine's switch database (`Open_vSwitch`) that the host side owns or reads. */
import { atom, optional, setOf, strings } from '../ovsdb/schema.ts'

export const localTables = {
  Open_vSwitch: {
    bridges: setOf('uuid'),
    next_cfg: atom('integer'),
    cur_cfg: atom('integer'),
    other_config: strings,
    external_ids: strings,
  },
  Bridge: {
    name: atom('string'),
    datapath_type: atom('string'),
    fail_mode: optional('string'),
    ports: setOf('uuid'),
    other_config: strings,
  },
  Port: {
    name: atom('string'),
    interfaces: setOf('uuid'),
    external_ids: strings,
  },
  Interface: {
    name: atom('string'),
    type: atom('string'),
    ofport: optional('integer'),
    error: optional('string'),
    external_ids: strings,
  },
} as const

export type LocalTables = typeof localTables

/** The bridge that ovn-controller programs. */
export const integrationBridge = 'br-int'
