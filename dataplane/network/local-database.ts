/** This machine's switch database, through a replica indexed by name. */
import { effect } from '@pileus/kernel/effects'
import { OvsdbClient } from '../ovsdb/client.ts'
import { CoalescingWriter } from '../ovsdb/coalescing-writer.ts'
import { Operations } from '../ovsdb/operations.ts'
import { Replica, type TableView } from '../ovsdb/replica.ts'
import type { RowOf } from '../ovsdb/schema.ts'
import { type LocalTables, localTables } from './local-tables.ts'

export interface LocalDatabase {
  replica: Replica<LocalTables>
  client: OvsdbClient<LocalTables>
  writer: CoalescingWriter<LocalTables>
  build: Operations<LocalTables>
}

export function openLocalDatabase(runDir: string): LocalDatabase {
  const byName = (row: { name: string }) => row.name
  const replica = new Replica(localTables, { Bridge: byName, Port: byName, Interface: byName })
  const client = new OvsdbClient({ address: `unix:${runDir}/local.sock`, database: 'Open_vSwitch', replica })
  const writer = new CoalescingWriter(client, (commit) => effect('ovs.commit', commit))
  return { replica, client, writer, build: new Operations(localTables) }
}

/** The row of `table` called `name`, with its uuid. */
export function findNamed<N extends 'Bridge' | 'Port' | 'Interface'>(
  database: LocalDatabase,
  table: N,
  name: string,
): { uuid: string; row: RowOf<LocalTables[N]> } | undefined {
  const view: TableView<LocalTables[N]> = database.replica.table(table)
  const [uuid] = view.find(name)
  const row = uuid === undefined ? undefined : view.get(uuid)
  return uuid !== undefined && row ? { uuid, row } : undefined
}
