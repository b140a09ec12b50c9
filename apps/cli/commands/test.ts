import { spawn, spawnSync } from 'node:child_process'
import { installPackages, missingPackages } from '../machine-facts.ts'
import { installDir } from '../paths.ts'

interface Step {
  name: string
  command: string[]
}

/**
 * Runs every check and every test, and ends with the line `N passed, N failed`. The static checks count as one
 * each.
 */
export async function test(files: readonly string[]): Promise<void> {
  await setUp()
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
    const { code, output } = await run(check.command, { show: false })
    process.stdout.write(`${code === 0 ? 'ok' : 'FAILED'}  ${check.name}\n${code === 0 ? '' : output}`)
    if (code === 0) passed += 1
    else failed += 1
  }
  const report = await runTests(files)
  process.stdout.write(
    `${passed + report.passed} passed, ${failed + report.failed} failed${report.skipped ? `, ${report.skipped} skipped` : ''}\n`,
  )
  if (failed + report.failed > 0) process.exitCode = 1
}

/** What tests use besides the engine's programs. */
const testPrograms = [
  { program: 'busybox', debianPackage: 'busybox-static' },
  { program: 'curl', debianPackage: 'curl' },
  { program: 'openssl', debianPackage: 'openssl' },
  { program: 'rclone', debianPackage: 'rclone' },
] as const

/** What tests with real machines and clients in other languages need, where it can be had. */
async function setUp(): Promise<void> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return
  const missing = [...missingPackages(), ...missingPackages(testPrograms)]
  // Debian keeps what makes virtual environments in a package of its own, without a program to look for.
  if (spawnSync('python3', ['-c', 'import ensurepip, venv']).status !== 0) missing.push('python3-venv')
  if (missing.length === 0) return
  await installPackages(missing, (step) => process.stderr.write(`pileus: ${step} …\n`))
}

async function runTests(files: readonly string[]): Promise<{ passed: number; failed: number; skipped: number }> {
  const { mkdtempSync, readFileSync, rmSync, existsSync } = await import('node:fs')
  const { join } = await import('node:path')
  const { tmpdir } = await import('node:os')
  const directory = mkdtempSync(join(tmpdir(), 'pileus-report-'))
  const reportFile = join(directory, 'report.json')
  const { code } = await run(
    ['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`, ...files],
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
  rmSync(directory, { recursive: true })
  // A file that does not load has no tests to fail, but failed all the same.
  const failed =
    report.numFailedTests + (report.success || report.numFailedTests > 0 ? 0 : Math.max(1, report.numFailedTestSuites))
  return {
    passed: report.numPassedTests,
    failed: code === 0 ? failed : Math.max(1, failed),
    skipped: report.numPendingTests,
  }
}

function run([name = '', ...args]: string[], { show }: { show: boolean }): Promise<{ code: number; output: string }> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [binary(name), ...args], {
      cwd: installDir(),
      stdio: show ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stdout?.on('data', (chunk) => (output += chunk))
    child.stderr?.on('data', (chunk) => (output += chunk))
    child.on('error', fail)
    child.on('close', (code) => done({ code: code ?? 1, output }))
  })
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
