/** A third language: the official Go SDKs, where Go is on the machine, with no configuration of ours but `env`. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { repository, runProgram } from './launcher.ts'
import { startSimulatedProgram } from './simulated-program.ts'

const sources = join(import.meta.dirname, 'clients', 'go')
const obstacle = findObstacle()
if (obstacle) console.log(`skipped: the Go SDKs ${obstacle}`)

function findObstacle(): string | undefined {
  if (spawnSync('go', ['version']).status !== 0) return 'need Go'
  const { status } = spawnSync('go', ['mod', 'download'], { cwd: sources, timeout: 120_000 })
  return status === 0 ? undefined : 'need a Go module proxy that has them'
}

/** Builds the program once for each state of its sources. @throws Error when Go cannot build it */
async function ensureProgram(): Promise<string> {
  const hash = createHash('sha256')
  for (const file of ['main.go', 'go.mod', 'go.sum']) hash.update(readFileSync(join(sources, file)))
  const directory = join(repository, '.cache', 'go-sdks')
  const program = join(directory, `tour-${hash.digest('hex').slice(0, 16)}`)
  if (existsSync(program)) return program
  mkdirSync(directory, { recursive: true })
  const draft = `${program}.${process.pid}`
  const { code, stderr } = await runProgram('go', ['build', '-o', draft, '.'], { cwd: sources, timeoutMs: 280_000 })
  if (code !== 0) throw new Error(`go build ended with ${code}: ${stderr}`)
  renameSync(draft, program)
  return program
}

describe.skipIf(obstacle !== undefined)('the official Go SDKs', { timeout: 120_000 }, () => {
  let program: string

  beforeAll(async () => {
    program = await ensureProgram()
  }, 300_000)

  test('work with their configuration for the vendor’s cloud, in a shell that has run pileus env', async () => {
    await using cloud = await startSimulatedProgram(['cn-hangzhou', 'eu-central-1'])
    const { code, stdout, stderr } = await runProgram(program, [], { env: cloud.env })
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const found = { Regions: ['cn-hangzhou', 'eu-central-1'], Name: 'from-go', Left: 0 }
    expect(JSON.parse(stdout)).toEqual({ 'alibaba-cloud-sdk-go': found, 'darabonba-openapi': found })
  })
})
