import type { CloudStatus } from '@pileus/cloud/status'
import { askControlPlane } from '../control-client.ts'
import { dataDirOf } from '../paths.ts'

/** Prints how the cloud is; exits with 3 when none runs, as service managers expect. */
export async function status(options: { data?: string; json?: boolean }): Promise<void> {
  const dataDir = dataDirOf(options)
  const found = await askControlPlane<CloudStatus>(dataDir, '/v1/status')
  if (options.json) process.stdout.write(`${JSON.stringify(found ?? { running: false, dataDir })}\n`)
  else process.stdout.write(found ? render(found) : `no cloud runs on ${dataDir}; start one with ./pileus up\n`)
  if (!found) process.exitCode = 3
}

function render(found: CloudStatus): string {
  const { ready } = found
  const lines = [
    `running     process ${ready.pid}, since ${found.startedAt}`,
    `http        http://${ready.endpoint}`,
    `https       https://${ready.httpsEndpoint}`,
    `engine      ${ready.engine} (${ready.engineReason})`,
    `regions     ${ready.regions.length}`,
    `machines    ${found.machines.running} running, ${found.machines.total} in all`,
    ...found.hosts.map(
      (host) =>
        `host        ${host.agentId.slice(0, 8)} ${host.engine}/${host.accelerator}: ` +
        `${host.vcpusReserved}/${host.vcpus} vCPU, ${host.memoryReservedMiB}/${host.memoryMiB} MiB reserved, seen ${host.lastSeenAt}`,
    ),
    ...found.reconcilers.map(
      (one) => `reconciler  ${one.name}: ${one.error ? `FAILING: ${one.error}` : `ok, ${one.passes} passes`}`,
    ),
    ...found.damaged.map((one) => `DAMAGED     oss://${one.bucket}/${one.key}: ${one.reason}, found ${one.foundAt}`),
    ...found.work.map((line) => `now         ${line}`),
  ]
  return `${lines.join('\n')}\n`
}
