/** Cloud Assistant on the wire, by the official SDK. */
import * as $Ecs from '@alicloud/ecs20140526'
import { startTestCloud, type TestAccount, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, expect, test } from 'vitest'

let cloud: TestCloud
let other: TestAccount
let instanceId: string
let regionId: string
beforeAll(async () => {
  cloud = await startTestCloud()
  other = await cloud.newAccount()
  regionId = cloud.regionId
  instanceId = await runInstance()
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

const code = (name: string) => expect.objectContaining({ code: name })

async function runInstance(): Promise<string> {
  const request = new $Ecs.RunInstancesRequest({ regionId, imageId: 'micro', instanceType: 'ecs.t5-lc2m1.nano' })
  const id = (await cloud.ecs.runInstances(request)).body?.instanceIdSets?.instanceIdSet?.[0] ?? ''
  await untilStatus('Running', id)
  return id
}

async function untilStatus(status: string, id = instanceId) {
  await cloud.eventually(status, async () => {
    const request = new $Ecs.DescribeInstancesRequest({ regionId, instanceIds: JSON.stringify([id]) })
    return (await cloud.ecs.describeInstances(request)).body?.instances?.instance?.[0]?.status === status
  })
}

async function stop() {
  await cloud.ecs.stopInstance(new $Ecs.StopInstanceRequest({ instanceId }))
  await untilStatus('Stopped')
}

async function start() {
  await cloud.ecs.startInstance(new $Ecs.StartInstanceRequest({ instanceId }))
  await untilStatus('Running')
}

async function untilEnded(invokeId: string | undefined, contentEncoding?: string) {
  return await cloud.eventually('the command ends', async () => {
    const request = new $Ecs.DescribeInvocationResultsRequest({ regionId, invokeId, contentEncoding })
    const results = (await cloud.ecs.describeInvocationResults(request)).body?.invocation?.invocationResults
      ?.invocationResult
    const [result] = results ?? []
    return result?.finishedTime ? result : undefined
  })
}

test('RunCommand runs once and forgets the command, unless it is kept', async () => {
  const run = (fields: object) =>
    cloud.ecs.runCommand(
      new $Ecs.RunCommandRequest({
        regionId,
        type: 'RunShellScript',
        instanceId: [instanceId],
        commandContent: 'echo hi',
        ...fields,
      }),
    )
  const { body } = await run({})
  expect(await untilEnded(body?.invokeId, 'PlainText')).toMatchObject({
    invocationStatus: 'Success',
    invokeRecordStatus: 'Finished',
    exitCode: 0,
    output: 'simulated: 7 bytes of script not run\n',
    instanceId,
  })
  const find = async (commandId: string | undefined) =>
    (await cloud.ecs.describeCommands(new $Ecs.DescribeCommandsRequest({ regionId, commandId }))).body?.commands
      ?.command
  expect(await find(body?.commandId)).toEqual([])
  const kept = await run({
    keepCommand: true,
    contentEncoding: 'Base64',
    commandContent: 'ZWNobyBoaQ==',
    name: 'kept',
  })
  expect(await find(kept.body?.commandId)).toMatchObject([
    { name: 'kept', commandContent: 'ZWNobyBoaQ==', invokeTimes: 1 },
  ])
  await expect(run({ type: 'RunBatScript' })).rejects.toEqual(code('InvalidType.ValueNotSupported'))
  await expect(run({ timed: true })).rejects.toEqual(code('InvalidParameter'))
  await expect(run({ contentEncoding: 'Base64', commandContent: '*' })).rejects.toEqual(
    code('InvalidCommandContent.DecodeError'),
  )
  await expect(run({ instanceId: ['i-none'] })).rejects.toEqual(code('InvalidInstanceId.NotFound'))
  await expect(run({ timeout: 1 })).rejects.toEqual(code('InvalidParameter'))
})

test('CreateCommand with parameters, InvokeCommand, DescribeInvocations, DeleteCommand', async () => {
  const content = Buffer.from('echo {{what}}').toString('base64')
  const created = await cloud.ecs.createCommand(
    new $Ecs.CreateCommandRequest({
      regionId,
      name: 'say',
      type: 'RunShellScript',
      commandContent: content,
      enableParameter: true,
    }),
  )
  const commandId = created.body?.commandId
  const listed = await cloud.ecs.describeCommands(new $Ecs.DescribeCommandsRequest({ regionId, name: 'say' }))
  expect(listed.body?.commands?.command).toMatchObject([{ commandId, parameterNames: { parameterName: ['what'] } }])
  const invoke = (fields: object, account: TestAccount = cloud) =>
    account.ecs.invokeCommand(
      new $Ecs.InvokeCommandRequest({ regionId, commandId, instanceId: [instanceId], ...fields }),
    )
  await expect(invoke({})).rejects.toEqual(code('InvalidCmdParam.Missing'))
  await expect(invoke({ parameters: { what: 'x' } }, other)).rejects.toEqual(code('InvalidCommandId.NotFound'))
  const { body } = await invoke({ parameters: { what: 'hello' } })
  expect(await untilEnded(body?.invokeId)).toMatchObject({ invocationStatus: 'Success' })
  const invocations = async (fields: object, account: TestAccount = cloud) =>
    (await account.ecs.describeInvocations(new $Ecs.DescribeInvocationsRequest({ regionId, ...fields }))).body
      ?.invocations?.invocation
  expect(await invocations({ invokeId: body?.invokeId, includeOutput: true })).toMatchObject([
    {
      commandId,
      commandName: 'say',
      invocationStatus: 'Success',
      invokeStatus: 'Finished',
      invokeInstances: { invokeInstance: [{ instanceId, exitCode: 0 }] },
    },
  ])
  expect(await invocations({ invokeStatus: 'Failed' })).toEqual([])
  expect(await invocations({ invokeStatus: 'Finished', commandId })).toHaveLength(1)
  expect(await invocations({ invokeId: body?.invokeId }, other)).toEqual([])
  await expect(
    other.ecs.stopInvocation(new $Ecs.StopInvocationRequest({ regionId, invokeId: body?.invokeId })),
  ).rejects.toEqual(code('InvalidInvokeId.NotFound'))
  await cloud.ecs.stopInvocation(new $Ecs.StopInvocationRequest({ regionId, invokeId: body?.invokeId }))
  expect(await untilEnded(body?.invokeId)).toMatchObject({ invocationStatus: 'Success' })
  await cloud.ecs.deleteCommand(new $Ecs.DeleteCommandRequest({ regionId, commandId }))
  await expect(invoke({ parameters: { what: 'x' } })).rejects.toEqual(code('InvalidCommandId.NotFound'))
})

test('a command of an instance that is off is refused, and one that it cannot end fails', async () => {
  cloud.running.engine.simulated?.setFaults((step) => (step === 'command' ? 'the guest agent broke' : undefined))
  const request = new $Ecs.RunCommandRequest({
    regionId,
    type: 'RunShellScript',
    instanceId: [instanceId],
    commandContent: 'id',
  })
  const failed = await cloud.ecs.runCommand(request)
  expect(await untilEnded(failed.body?.invokeId)).toMatchObject({
    invocationStatus: 'Failed',
    errorInfo: 'the guest agent broke',
  })
  cloud.running.engine.simulated?.setFaults(() => undefined)
  await stop()
  await expect(cloud.ecs.runCommand(request)).rejects.toEqual(code('Instance.NotRunning'))
  await start()
})

test('DescribeCloudAssistantStatus says whether the guest takes commands', async () => {
  const request = new $Ecs.DescribeCloudAssistantStatusRequest({ regionId, instanceId: [instanceId] })
  const { body } = await cloud.ecs.describeCloudAssistantStatus(request)
  expect(body?.instanceCloudAssistantStatusSet?.instanceCloudAssistantStatus).toMatchObject([
    { instanceId, cloudAssistantStatus: 'true' },
  ])
})

test('a command whose instance goes before it runs fails with the reason', async () => {
  const id = await runInstance()
  const hosts = cloud.running.engine.simulated
  const agentId = hosts?.listMachines().find(({ machine }) => machine.id === id)?.agentId ?? ''
  hosts?.pause(agentId)
  const request = { regionId, type: 'RunShellScript', instanceId: [id], commandContent: 'id' }
  const { body } = await cloud.ecs.runCommand(new $Ecs.RunCommandRequest(request))
  await cloud.ecs.deleteInstance(new $Ecs.DeleteInstanceRequest({ instanceId: id, force: true }))
  await cloud.running.reconcilers.passAll()
  expect(await untilEnded(body?.invokeId)).toMatchObject({ invocationStatus: 'Failed', errorCode: 'InstanceReleased' })
  hosts?.resume(agentId)
})
