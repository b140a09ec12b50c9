/** A second language: the official Python SDKs, each way a user may bring them here. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type ProgramResult, runProgram } from './launcher.ts'
import { ensurePython, findPythonObstacle } from './python-environment.ts'
import { type SimulatedProgram, startSimulatedProgram } from './simulated-program.ts'

const obstacle = findPythonObstacle()
if (obstacle) console.log(`skipped: the Python SDK ${obstacle}`)

const script = join(import.meta.dirname, 'clients', 'tour.py')

describe.skipIf(obstacle !== undefined)('the official Python SDK', { timeout: 120_000 }, () => {
  let python: string
  let cloud: SimulatedProgram

  beforeAll(async () => {
    python = await ensurePython()
    cloud = await startSimulatedProgram(['cn-hangzhou', 'eu-central-1'])
  }, 300_000)
  afterAll(async () => {
    await cloud?.[Symbol.asyncDispose]()
  }, 60_000)

  function keys(): NodeJS.ProcessEnv {
    return {
      PATH: process.env['PATH'],
      ALIBABA_CLOUD_ACCESS_KEY_ID: cloud.ready.accessKeyId,
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: cloud.ready.accessKeySecret,
    }
  }

  async function tour(env: NodeJS.ProcessEnv, ...args: string[]): Promise<ProgramResult> {
    return await runProgram(python, [script, ...args], { env })
  }

  function expectTour({ code, stdout, stderr }: ProgramResult, region: string): void {
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual({
      regions: { 'cn-hangzhou': 'China (Hangzhou)', 'eu-central-1': 'Germany (Frankfurt)' },
      found: { name: 'from-python', cidr: '172.16.0.0/12', region },
      code: expect.stringMatching(/CidrBlock/),
      left: 0,
    })
  }

  test('works over http with an endpoint', async () => {
    expectTour(await tour(keys(), 'cn-hangzhou', 'http', cloud.ready.endpoint), 'cn-hangzhou')
  })

  test('works over https with an endpoint and our CA, and refuses without the CA', async () => {
    const place = ['eu-central-1', 'https', cloud.ready.httpsEndpoint]
    expectTour(await tour({ ...keys(), SSL_CERT_FILE: cloud.ready.caBundleFile }, ...place), 'eu-central-1')
    const refused = await tour(keys(), ...place)
    expect(refused.code).not.toBe(0)
    expect(refused.stderr).toMatch(/CERTIFICATE_VERIFY_FAILED|certificate verify failed/i)
  })

  test('works with its configuration for the vendor’s cloud, in a shell that has run pileus env', async () => {
    expectTour(await tour(cloud.env, 'eu-central-1'), 'eu-central-1')
  })

  test('pileus env keeps a PYTHONPATH and a sitecustomize that were there', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'pileus-e2e-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    writeFileSync(join(directory, 'sitecustomize.py'), 'import builtins\nbuiltins.was_there = True\n')
    const exports = 'eval "$(node ./pileus env --data "$1")"'
    const show = '"$2" -c \'import certifi; print(was_there, certifi.where())\''
    const undo = 'eval "$(node ./pileus env --data "$1" --unset)"; echo "$PYTHONPATH"'
    const env = { ...process.env, PYTHONPATH: directory }
    const { stdout } = await runProgram(
      'sh',
      ['-c', `${exports}; ${exports}; ${show}; ${undo}`, 'sh', cloud.dataDir, python],
      { env },
    )
    expect(stdout.split('\n')).toEqual([`True ${cloud.ready.caBundleFile}`, directory, ''])
  })
})
