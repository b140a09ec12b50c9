/** Times changes of one security rule through the driver and through OVN's own tool, on the same databases. */
import type { LogicalNetwork } from '@pileus/kernel/fabric/network'
import { run } from './commands.ts'
import type { Fabric } from './host.ts'
import { createOvnDriver } from './ovn-driver.ts'

export interface RuleChangeTiming {
  /** For each change, until every host has it in force; in order. */
  driverMs: number[]
  nbctlMs: number[]
}

/**
 * Adds rules one by one to a group of `ports` ports, first through a driver, then with `ovn-nbctl --wait=hv`, each
 * until every host has answered. The fabric's northbound database must be empty, and is left so.
 */
export async function timeRuleChanges(
  fabric: Fabric,
  options: { ports: number; changes: number },
): Promise<RuleChangeTiming> {
  const driver = createOvnDriver({ address: fabric.northbound, cell: 'timing', readyAt: 'hosts' })
  const timing: RuleChangeTiming = { driverMs: [], nbctlMs: [] }
  try {
    await driver.apply(timedNetwork(options.ports, 0))
    for (let change = 1; change <= options.changes; change += 1) {
      const network = timedNetwork(options.ports, change)
      timing.driverMs.push(await elapsedMs(() => driver.apply(network)))
    }
    for (let change = 1; change <= options.changes; change += 1) {
      const match = `outport == @sg_sg_timed && ip4 && tcp && ip4.src == 10.0.0.0/8 && tcp.dst == ${20_000 + change}`
      const acl = ['--type=port-group', 'acl-add', 'sg_sg_timed', 'to-lport', '1198', match, 'allow-related']
      timing.nbctlMs.push(await elapsedMs(() => run('ovn-nbctl', [`--db=${fabric.northbound}`, '--wait=hv', ...acl])))
    }
    await driver.apply({ routers: [], securityGroups: [] })
  } finally {
    await driver.close()
  }
  return timing
}

async function elapsedMs(action: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await action()
  return performance.now() - startedAt
}

function timedNetwork(ports: number, rules: number): LogicalNetwork {
  const address = (n: number) => `10.0.${n >> 8}.${n & 255}`
  const mac = (n: number) =>
    `00:16:3e:00:${(n >> 8).toString(16).padStart(2, '0')}:${(n & 255).toString(16).padStart(2, '0')}`
  return {
    routers: [
      {
        id: 'vpc-timed',
        routes: [],
        switches: [
          {
            id: 'vsw-timed',
            cidr: '10.0.0.0/16',
            gatewayIp: '10.0.255.253',
            ports: [...Array(ports).keys()].map((n) => ({
              id: `eni-timed-${n}`,
              mac: mac(n + 1),
              ips: [address(n + 1)],
              securityGroupIds: ['sg-timed'],
            })),
          },
        ],
      },
    ],
    securityGroups: [
      {
        id: 'sg-timed',
        innerAccess: 'accept',
        rules: [...Array(rules).keys()].map((n) => ({
          id: `sgr-timed-${n}`,
          direction: 'ingress',
          policy: 'accept',
          priority: 1,
          protocol: 'tcp',
          ports: { from: 10_000 + n, to: 10_000 + n },
          peer: { kind: 'cidr', cidr: '10.0.0.0/8' },
        })),
      },
    ],
  }
}
