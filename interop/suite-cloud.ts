/**
 * A cloud for a client's own test suite: simulated machines, real objects, a second account for tests of requester
 * pays, and a role for tests of session tokens. Prints one line of JSON when it is ready; ends when its input does.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCloud } from '@pileus/cloud/start'
import { ensureSystemUser } from '@pileus/cloud/system-users'
import { hostRegions } from '@pileus/kernel/hosted-regions'
import { createLog } from '@pileus/kernel/log'
import { createAccount } from '@pileus/ram/accounts'
import { createOssClient } from '@pileus/testkit/oss-clients'
import { callRpc } from '@pileus/testkit/rpc-client'
import { regions } from '@pileus/world/regions'

const roleName = 'oss-suite'

const dataDir = mkdtempSync(join(tmpdir(), 'pileus-interop-'))
await chmod(dataDir, 0o711)
const cloud = await startCloud(
  {
    dataDir,
    installDir: process.cwd(),
    hosted: hostRegions(regions.map((region) => region.id)),
    engine: 'simulated',
    engineReason: 'suites of object storage need no machines',
    listenHost: '127.0.0.1',
    httpPort: 0,
    httpsPort: 0,
    databaseUrl: undefined,
    databaseUser: process.getuid?.() === 0 ? await ensureSystemUser('pileus') : undefined,
    hasMachineUsers: false,
    namespace: 'none',
    simulatedMachines: 1,
    outboundAllow: [],
  },
  { log: createLog({ name: 'interop', level: 'error', ...logFile() }) },
)
const { ready } = cloud

async function ram(action: string, parameters: Record<string, string>): Promise<void> {
  const { status, body } = await callRpc(ready.endpoint, ready, 'Ram', action, parameters)
  if (status !== 200) throw new Error(`${action}: ${JSON.stringify(body)}`)
}

await ram('CreateRole', {
  RoleName: roleName,
  AssumeRolePolicyDocument: JSON.stringify({
    Version: '1',
    Statement: [
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { RAM: [`acs:ram::${ready.accountId}:root`], Service: ['oss.aliyuncs.com'] },
      },
    ],
  }),
})
await ram('AttachPolicyToRole', { PolicyType: 'System', PolicyName: 'AliyunOSSFullAccess', RoleName: roleName })
// A root key may not assume roles.
await ram('CreateUser', { UserName: roleName })
await ram('AttachPolicyToUser', { PolicyType: 'System', PolicyName: 'AdministratorAccess', UserName: roleName })
const { body: made } = await callRpc(ready.endpoint, ready, 'Ram', 'CreateAccessKey', { UserName: roleName })

// The suite of ali-oss expects it to be there.
await createOssClient({ ...ready, regionId: ready.defaultRegion }).putBucket('ali-oss-sts')
const payer = await createAccount(cloud.store, cloud.secretBox, { clock: cloud.clock })

process.stdout.write(
  `${JSON.stringify({
    ready,
    user: { accessKeyId: made.AccessKey.AccessKeyId, accessKeySecret: made.AccessKey.AccessKeySecret },
    payer,
    roleArn: `acs:ram::${ready.accountId}:role/${roleName}`,
  })}\n`,
)
process.stdin.resume()
process.stdin.once('close', stop)

async function stop(): Promise<void> {
  await cloud.stop({ machines: 'stop' })
  rmSync(dataDir, { recursive: true, force: true })
  process.exit(0)
}

function logFile(): { file?: string } {
  const file = process.env['PILEUS_INTEROP_LOG']
  return file === undefined ? {} : { file }
}
