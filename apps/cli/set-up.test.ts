/** Setting up, with steps and a folder of its own instead of this checkout. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isAlive } from '@pileus/kernel/process-state'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

const source = pathToFileURL(join(import.meta.dirname, 'set-up.mjs')).href

/** Stands for npm and for a build: counts its runs, and goes on until `go-on` is there. */
const slowStep = `
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
appendFileSync('runs', process.pid + '\\n')
const timer = setInterval(() => {
  if (!existsSync('go-on')) return
  clearInterval(timer)
  mkdirSync('node_modules', { recursive: true })
  mkdirSync('dist', { recursive: true })
}, 10)
`

let root: string
let launchers: ChildProcess[]
beforeEach(() => {
  launchers = []
  root = mkdtempSync(join(tmpdir(), 'pileus-set-up-'))
  for (const folder of ['apps', 'contract', 'world', 'kernel', 'messages', 'gateway', 'services', 'dataplane', 'bin'])
    mkdirSync(join(root, folder))
  writeFileSync(join(root, 'package-lock.json'), '{}')
  writeFileSync(join(root, 'step.mjs'), slowStep)
  writeFileSync(join(root, 'bin', 'npm'), `#!/bin/sh\necho "$1" >> how\nexec "${process.execPath}" step.mjs\n`, {
    mode: 0o755,
  })
  for (const file of ['build.mjs', 'contract/generate.mjs']) {
    writeFileSync(join(root, file), "import { mkdirSync } from 'node:fs'\nmkdirSync('dist', { recursive: true })\n")
  }
})
afterEach(async () => {
  for (const launcher of launchers) launcher.kill('SIGKILL')
  for (const pid of runs()) if (isAlive(pid)) process.kill(pid, 'SIGKILL')
  rmSync(root, { recursive: true })
})

const linesOf = (file: string): string[] =>
  existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8').trim().split('\n') : []
const runs = (): number[] => linesOf('runs').map(Number)

interface Launched {
  launcher: ChildProcess
  ended: Promise<[code: number | null, signal: string | null]>
  output: () => string
}

function launch(): Launched {
  const program = `
    const { setUp } = await import(${JSON.stringify(source)})
    await setUp(${JSON.stringify(root)}).catch((error) => {
      console.error(error.message)
      process.exit(error.exitCode)
    })`
  const env = { ...process.env, PATH: `${join(root, 'bin')}:${process.env['PATH']}` }
  const launcher = spawn(process.execPath, ['--input-type=module', '-e', program], { env })
  launchers.push(launcher)
  let output = ''
  launcher.stderr.on('data', (text) => (output += text))
  return { launcher, ended: once(launcher, 'close') as Launched['ended'], output: () => output }
}

const untilRuns = (count: number) => vi.waitUntil(() => runs().length === count, { timeout: 20_000 })
const goOn = () => writeFileSync(join(root, 'go-on'), '')

test.skipIf(process.platform === 'win32')(
  'a step is ended by a signal, and done anew from the beginning by the next launcher',
  async () => {
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
      ['SIGHUP', 129],
    ] as const) {
      const before = runs().length
      const { launcher, ended, output } = launch()
      await untilRuns(before + 1)
      launcher.kill(signal)
      expect(await ended).toEqual([code, null])
      expect(output()).toContain('the same command goes on')
      expect(runs().filter(isAlive)).toEqual([])
    }
    goOn()
    expect(await launch().ended).toEqual([0, null])
    // Not `install`, which would take for whole what is there by half.
    expect(linesOf('how')).toEqual(['ci', 'ci', 'ci', 'ci'])
    expect((await launch().ended)[0]).toBe(0)
    expect(runs()).toHaveLength(4)
  },
)

test.skipIf(process.platform !== 'linux')('of two launchers one sets up, and the other waits for it', async () => {
  const first = launch()
  await untilRuns(1)
  const second = launch()
  await vi.waitUntil(() => second.output().includes(`process ${first.launcher.pid} is setting up`), { timeout: 20_000 })
  goOn()
  expect([await first.ended, await second.ended]).toEqual([
    [0, null],
    [0, null],
  ])
  expect(runs()).toHaveLength(1)
})

test.skipIf(process.platform !== 'linux')(
  'what a killed launcher left running does not go on beside the next',
  async () => {
    const first = launch()
    await untilRuns(1)
    first.launcher.kill('SIGKILL')
    await first.ended
    const second = launch()
    await untilRuns(2)
    expect(runs().map(isAlive)).toEqual([false, true])
    goOn()
    expect(await second.ended).toEqual([0, null])
  },
)

test.skipIf(process.platform === 'win32')('a step that fails shows what it said, and what to do', async () => {
  writeFileSync(join(root, 'bin', 'npm'), '#!/bin/sh\necho "getaddrinfo ENOTFOUND registry.example"\nexit 1\n')
  const { ended, output } = launch()
  expect(await ended).toEqual([1, null])
  expect(output()).toContain('getaddrinfo ENOTFOUND')
  expect(output()).toContain('The npm registry cannot be reached')
})
