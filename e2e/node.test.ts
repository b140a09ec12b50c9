/** The official Node SDKs as a program of their own, with no configuration of ours but `env`. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runProgram } from './launcher.ts'
import { startSimulatedProgram } from './simulated-program.ts'

const script = join(import.meta.dirname, 'clients', 'tour.cjs')

test('the Node SDKs work with their configuration for the vendor’s cloud, in a shell that has run pileus env', async () => {
  await using cloud = await startSimulatedProgram(['cn-hangzhou', 'eu-central-1'])
  const { code, stdout, stderr } = await runProgram(process.execPath, [script], { env: cloud.env })
  expect(stderr).toBe('')
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toEqual({ regions: ['cn-hangzhou', 'eu-central-1'], name: 'from-node', left: 0 })
}, 120_000)
