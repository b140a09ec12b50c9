/** Programs in Go, built once for each state of their sources and kept where git does not look. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { repository, runProgram } from './launcher.ts'

/** Why the program in this folder cannot be built; undefined when it can. */
export function findGoObstacle(sources: string): string | undefined {
  if (spawnSync('go', ['version']).status !== 0) return 'need Go'
  const { status } = spawnSync('go', ['mod', 'download'], { cwd: sources, timeout: 120_000 })
  return status === 0 ? undefined : 'need a Go module proxy that has them'
}

/** Path of the program. @throws Error when Go cannot build it */
export async function ensureGoProgram(sources: string): Promise<string> {
  const hash = createHash('sha256')
  for (const file of ['main.go', 'go.mod', 'go.sum']) hash.update(readFileSync(join(sources, file)))
  const directory = join(repository, '.cache', 'go-sdks')
  const program = join(directory, hash.digest('hex').slice(0, 16))
  if (existsSync(program)) return program
  mkdirSync(directory, { recursive: true })
  const draft = `${program}.${process.pid}`
  const { code, stderr } = await runProgram('go', ['build', '-o', draft, '.'], { cwd: sources, timeoutMs: 280_000 })
  if (code !== 0) throw new Error(`go build ended with ${code}: ${stderr}`)
  renameSync(draft, program)
  return program
}
