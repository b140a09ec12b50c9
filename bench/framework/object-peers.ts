/** Other object stores, installed below the cache when they are first asked for, and what is known of their flushes. */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ObjectTarget } from './object-targets.ts'
import { cacheDirectory, type Program, start } from './programs.ts'

export interface ObjectPeer extends AsyncDisposable {
  label: string
  target: ObjectTarget
  program: Program
  /** What a put that was answered survives. */
  durability: string
}

/** Newest that runs on Node 20: from 3.36 on it asks for 22. */
const azuriteVersion = '3.35.0'
const s3rverVersion = '3.7.1'
/** The last open one: the project's repository is archived. */
const minioModule = 'github.com/minio/minio@latest'

/** @throws Error when the package cannot be installed, or does not answer */
export async function startAzurite(): Promise<ObjectPeer> {
  const program = npmProgram('azurite', azuriteVersion, 'azurite-blob')
  const secret = randomBytes(48).toString('base64')
  return await startPeer(`Azurite ${azuriteVersion}`, {
    wire: 'azure',
    accessKeyId: 'bench',
    accessKeySecret: secret,
    durability:
      'bytes are flushed (fdatasync); the list of blobs is written later, by a timer, so a crash may lose puts',
    start: (directory, port) =>
      start(
        process.execPath,
        [
          program,
          '--location',
          directory,
          '--blobHost',
          '127.0.0.1',
          '--blobPort',
          `${port}`,
          '--silent',
          '--disableTelemetry',
        ],
        { ...process.env, AZURITE_ACCOUNTS: `bench:${secret}` },
      ),
  })
}

export async function startS3rver(): Promise<ObjectPeer> {
  const program = npmProgram('s3rver', s3rverVersion, 's3rver')
  return await startPeer(`s3rver ${s3rverVersion}`, {
    wire: 's3',
    // It has this key and no other.
    accessKeyId: 'S3RVER',
    accessKeySecret: 'S3RVER',
    durability: 'nothing is flushed',
    start: (directory, port) =>
      start(process.execPath, [
        program,
        '--directory',
        directory,
        '--address',
        '127.0.0.1',
        '--port',
        `${port}`,
        '--silent',
      ]),
  })
}

export async function startMinio(): Promise<ObjectPeer> {
  const binary = goProgram('minio', minioModule)
  const secret = randomBytes(20).toString('hex')
  return await startPeer('MinIO', {
    wire: 's3',
    accessKeyId: 'bench',
    accessKeySecret: secret,
    durability:
      'one drive, default settings: each put flushes its bytes once (fdatasync, seen with strace), names are not flushed',
    start: (directory, port) =>
      start(binary, ['server', directory, '--address', `127.0.0.1:${port}`, '--quiet'], {
        ...process.env,
        MINIO_ROOT_USER: 'bench',
        MINIO_ROOT_PASSWORD: secret,
        MINIO_BROWSER: 'off',
        MINIO_UPDATE: 'off',
      }),
  })
}

interface PeerParts extends Omit<ObjectTarget, 'port' | 'bucket'> {
  durability: string
  start(directory: string, port: number): Program
}

async function startPeer(label: string, parts: PeerParts): Promise<ObjectPeer> {
  const { wire, accessKeyId, accessKeySecret, durability } = parts
  const directory = mkdtempSync(join(tmpdir(), 'pileus-bench-peer-'))
  const port = await freePort()
  const program = parts.start(directory, port)
  const stop = async (): Promise<void> => {
    await program.stop()
    rmSync(directory, { recursive: true, force: true })
  }
  const deadlineMs = performance.now() + 60_000
  while (!(await answers(port))) {
    if (performance.now() > deadlineMs) {
      await stop()
      throw new Error(`${label} did not answer within 60 s: ${program.lastErrors()}`)
    }
    await new Promise((wake) => setTimeout(wake, 100))
  }
  const target = { wire, port, accessKeyId, accessKeySecret, bucket: 'bench' }
  return { label, target, program, durability, [Symbol.asyncDispose]: stop }
}

function npmProgram(name: string, version: string, bin: string): string {
  const directory = join(cacheDirectory(), `${name}-${version}`)
  const program = join(directory, 'node_modules', '.bin', bin)
  if (!existsSync(program)) {
    console.error(`bench: installing ${name} ${version} from npm …`)
    mkdirSync(directory, { recursive: true })
    const args = [
      'install',
      '--prefix',
      directory,
      '--no-audit',
      '--no-fund',
      '--loglevel',
      'error',
      `${name}@${version}`,
    ]
    execFileSync('npm', args, { stdio: ['ignore', 'ignore', 'inherit'], timeout: 300_000 })
  }
  return program
}

function goProgram(name: string, module: string): string {
  const directory = join(cacheDirectory(), 'go', 'bin')
  const program = join(directory, name)
  if (!existsSync(program)) {
    console.error(`bench: building ${module} with Go, which takes minutes …`)
    execFileSync('go', ['install', '-ldflags', '-s -w', module], {
      env: { ...process.env, GOBIN: directory },
      // Elsewhere a go.mod above would decide.
      cwd: tmpdir(),
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: 1_800_000,
    })
  }
  return program
}

async function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(2_000) }).then(
    (response) => response.status < 500,
    () => false,
  )
}

/** A port that was free a moment ago, for programs that do not say which one they got. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  await new Promise((done) => server.close(done))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
