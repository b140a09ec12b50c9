/** Python programs in virtual environments, made once and kept where git does not look. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { acquireFileLock } from '@pileus/dataplane/images/lock'
import { repository, runProgram } from './launcher.ts'

/** What each environment holds. Those of S3's tools ask for other versions of the same packages. */
const environments = {
  'python-sdks': ['alibabacloud_ecs20140526==7.11.8', 'alibabacloud_vpc20160428==7.2.2'],
  'python-oss': ['oss2==2.19.1', 'boto3==1.43.11', 's3cmd==2.4.0'],
  'python-aws': ['awscli==1.45.11'],
} as const

/** Why there can be no virtual environment; undefined when there can. */
export function findPythonObstacle(): string | undefined {
  const { status } = spawnSync('python3', ['-c', 'import ensurepip, venv'])
  return status === 0 ? undefined : 'needs Python 3 with venv (Debian package python3-venv)'
}

/** Path of a Python that has the packages; programs lie beside it. @throws Error when they cannot be installed */
export async function ensurePython(environment: keyof typeof environments = 'python-sdks'): Promise<string> {
  const packages = environments[environment]
  const directory = join(repository, '.cache', environment)
  const python = join(directory, 'bin', 'python')
  const stamp = join(directory, `has ${packages.join(' ')}`)
  mkdirSync(join(repository, '.cache'), { recursive: true })
  const lock = await acquireFileLock(`${directory}.lock`)
  try {
    if (existsSync(stamp)) return python
    rmSync(directory, { recursive: true, force: true })
    await run('python3', '-m', 'venv', directory)
    await run(python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages)
    writeFileSync(stamp, '')
    return python
  } finally {
    await lock.release()
  }
}

async function run(...[command, ...args]: [string, ...string[]]): Promise<void> {
  const { code, stdout, stderr } = await runProgram(command, args, { timeoutMs: 240_000 })
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}: ${stdout}${stderr}`)
}
