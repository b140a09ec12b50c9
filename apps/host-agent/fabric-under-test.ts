/** For tests: a fabric of one router with one port, in a namespace of its own. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureFabric, stopFabric } from '@pileus/dataplane/network/host'
import { type HostPorts, openHostPorts } from '@pileus/dataplane/network/host-ports'
import { createOvnDriver } from '@pileus/dataplane/network/ovn-driver'
import type { DesiredNic } from '@pileus/kernel/fabric/machines'

/** The NIC whose port the fabric has. */
export const nicUnderTest: DesiredNic = {
  id: 'eni-1',
  mac: '00:16:3e:00:00:05',
  ip: '10.0.0.5',
  primary: true,
  routerId: 'vpc-1',
}

export interface FabricUnderTest {
  namespace: string
  runDir: string
  ports: HostPorts
  [Symbol.asyncDispose](): Promise<void>
}

/** Starts it; dispose of the agents on it first, because they would start it again. */
export async function startFabric(): Promise<FabricUnderTest> {
  const namespace = `pt${randomBytes(4).toString('hex')}`
  const runDir = mkdtempSync(join(tmpdir(), 'pileus-fabric-'))
  const { northbound } = await ensureFabric({ namespace, runDir })
  const ports = openHostPorts({ namespace, runDir })
  const driver = createOvnDriver({ address: northbound, cell: 'cell-one' })
  const { id, mac, ip } = nicUnderTest
  const port = { id, mac, ips: [ip], hostname: 'one', securityGroupIds: [] }
  const lan = { id: 'vsw-1', cidr: '10.0.0.0/24', gatewayIp: '10.0.0.253', ports: [port] }
  await driver.apply({ routers: [{ id: 'vpc-1', routes: [], switches: [lan] }], securityGroups: [] })
  const stop = async () => {
    ports.close()
    await driver.close()
    await stopFabric({ namespace, runDir })
    rmSync(runDir, { recursive: true, force: true })
  }
  return { namespace, runDir, ports, [Symbol.asyncDispose]: stop }
}
