/** A third language: the official Go SDKs, where Go is on the machine, with no configuration of ours but `env`. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { largeBytes } from './clients/odd-tree.ts'
import { ensureGoProgram, findGoObstacle } from './go-program.ts'
import { runProgram } from './launcher.ts'
import { startSimulatedProgram } from './simulated-program.ts'

const sources = join(import.meta.dirname, 'clients', 'go')
const ossSources = join(import.meta.dirname, 'clients', 'go-oss')
const obstacle = findGoObstacle(sources) ?? findGoObstacle(ossSources)
if (obstacle) console.log(`skipped: the Go SDKs ${obstacle}`)

describe.skipIf(obstacle !== undefined)('the official Go SDKs', { timeout: 400_000 }, () => {
  test('work with their configuration for the vendor’s cloud, in a shell that has run pileus env', async () => {
    const program = await ensureGoProgram(sources)
    const ossProgram = await ensureGoProgram(ossSources)
    await using cloud = await startSimulatedProgram(['cn-hangzhou', 'eu-central-1'])
    const { code, stdout, stderr } = await runProgram(program, [], { env: cloud.env })
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const found = { Regions: ['cn-hangzhou', 'eu-central-1'], Name: 'from-go', Left: 0 }
    expect(JSON.parse(stdout)).toEqual({ 'alibaba-cloud-sdk-go': found, 'darabonba-openapi': found })

    const directory = mkdtempSync(join(tmpdir(), 'pileus-go-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    const largeFile = join(directory, 'large.bin')
    writeFileSync(largeFile, randomBytes(largeBytes))
    const objects = await runProgram(ossProgram, [largeFile], { env: cloud.env })
    expect(objects.stderr).toBe('')
    const round = {
      Metadata: ['text/x', 'someone'],
      Range: '234',
      Multipart: largeBytes,
      Same: true,
      Appended: 'one two',
      Many: 25,
      Presigned: '0123456789',
      Missing: 'NoSuchKey',
      Left: 0,
    }
    expect(JSON.parse(objects.stdout)).toEqual({
      'aliyun-oss-go-sdk v1': round,
      'aliyun-oss-go-sdk v2': round,
      'aliyun-oss-go-sdk v4': round,
      'alibabacloud-oss-go-sdk-v2 v1': round,
      'alibabacloud-oss-go-sdk-v2 v4': round,
    })
  })
})
