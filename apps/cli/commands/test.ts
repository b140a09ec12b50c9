import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { listenForInterruption } from '../interruption.ts'
import { installPackages, missingPackages } from '../machine-facts.ts'
import { installDir } from '../paths.ts'
import { openTestRun, type TestRun } from '../test-run.ts'

interface Step {
  name: string
  command: string[]
}

/**
 * Runs every check and every test, and ends with the line `N passed, N failed`. The static checks count as one
 * each.
 */
export async function test(files: readonly string[]): Promise<void> {
  const interruption = listenForInterruption()
  await setUp(interruption.signal)
  const run = openTestRun(installDir(), interruption)
  interruption.signal.addEventListener('abort', () => {
    process.stderr.write('pileus: ending the tests and all they have started; once more does so at once\n')
  })
  let ended: string[] = []
  const sum = await runAll(run, files).finally(async () => {
    ended = await run.close()
  })
  if (ended.length > 0) process.stderr.write(`pileus: ended what tests had left running: ${ended.join(', ')}\n`)
  const { passed, failed, skipped } = sum
  process.stdout.write(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}\n`)
  if (failed > 0) process.exitCode = 1
}

interface Sum {
  passed: number
  failed: number
  skipped: number
}

async function runAll(run: TestRun, files: readonly string[]): Promise<Sum> {
  const checks: Step[] =
    files.length > 0
      ? []
      : [
          { name: 'types', command: ['tsc', '--noEmit', '-p', '.'] },
          { name: 'lint and format', command: ['biome', 'check', '.'] },
        ]
  let passed = 0
  let failed = 0
  for (const check of checks) {
    const { code, output } = await run.run(commandOf(check.command), { show: false })
    process.stdout.write(`${code === 0 ? 'ok' : 'FAILED'}  ${check.name}\n${code === 0 ? '' : output}`)
    if (code === 0) passed += 1
    else failed += 1
  }
  const report = await runTests(run, files)
  return { passed: passed + report.passed, failed: failed + report.failed, skipped: report.skipped }
}

/** What tests use besides the engine's programs. */
const testPrograms = [
  { program: 'busybox', debianPackage: 'busybox-static' },
  { program: 'curl', debianPackage: 'curl' },
  { program: 'openssl', debianPackage: 'openssl' },
  { program: 'rclone', debianPackage: 'rclone' },
] as const

/** What tests with real machines and clients in other languages need, where it can be had. */
async function setUp(signal: AbortSignal): Promise<void> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return
  const missing = [...missingPackages(), ...missingPackages(testPrograms)]
  // Debian keeps what makes virtual environments in a package of its own, without a program to look for.
  if (spawnSync('python3', ['-c', 'import ensurepip, venv']).status !== 0) missing.push('python3-venv')
  if (missing.length === 0) return
  await installPackages(missing, (step) => process.stderr.write(`pileus: ${step} …\n`), signal)
}

async function runTests(run: TestRun, files: readonly string[]): Promise<Sum> {
  const reportFile = join(run.directory, 'report.json')
  const { code } = await run.run(
    [
      ...commandOf(['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`]),
      ...files,
    ],
    { show: true },
  )
  if (!existsSync(reportFile)) throw new Error(`vitest ended with ${code} and wrote no report`)
  const report = JSON.parse(readFileSync(reportFile, 'utf8')) as {
    numPassedTests: number
    numFailedTests: number
    numPendingTests: number
    numFailedTestSuites: number
    success: boolean
  }
  // A file that does not load has no tests to fail, but failed all the same.
  const failed =
    report.numFailedTests + (report.success || report.numFailedTests > 0 ? 0 : Math.max(1, report.numFailedTestSuites))
  return {
    passed: report.numPassedTests,
    failed: code === 0 ? failed : Math.max(1, failed),
    skipped: report.numPendingTests,
  }
}

function commandOf([name = '', ...args]: string[]): string[] {
  return [binary(name), ...args]
}

/** Script of a development tool; all of them are JavaScript files that Node runs. */
function binary(name: string): string {
  const scripts: Record<string, string> = {
    tsc: 'node_modules/typescript/bin/tsc',
    biome: 'node_modules/@biomejs/biome/bin/biome',
    vitest: 'node_modules/vitest/vitest.mjs',
  }
  return `${installDir()}/${scripts[name]}`
}
