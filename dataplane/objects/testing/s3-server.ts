/** A real S3 server for tests, on loopback and with data of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { S3Client, type S3Place } from '../s3-client.ts'

export interface S3Server extends AsyncDisposable {
  place: S3Place
}

/** Where MinIO's program is: on the path, or where the benches build it; undefined when it is nowhere. */
export function findMinio(): string | undefined {
  const built = path.join(import.meta.dirname, '../../../.cache/bench/go/bin')
  const directories = [built, ...(process.env['PATH'] ?? '').split(path.delimiter)]
  return directories.map((directory) => path.join(directory, 'minio')).find((file) => existsSync(file))
}

/** Says how to get a server where there is none. */
export const noS3Server =
  'no S3 server is installed: GOBIN=$PWD/.cache/bench/go/bin go install github.com/minio/minio@latest'

export async function startMinio(program: string): Promise<S3Server> {
  const directory = mkdtempSync(path.join(tmpdir(), 'pileus-minio-'))
  const port = await freePort()
  const accessKeyId = 'tests'
  const accessKeySecret = randomBytes(20).toString('hex')
  const child = spawn(program, ['server', path.join(directory, 'data'), '--address', `127.0.0.1:${port}`, '--quiet'], {
    stdio: 'ignore',
    env: {
      ...process.env,
      MINIO_ROOT_USER: accessKeyId,
      MINIO_ROOT_PASSWORD: accessKeySecret,
      MINIO_BROWSER: 'off',
      MINIO_UPDATE: 'off',
    },
  })
  const place: S3Place = {
    endpoint: `http://127.0.0.1:${port}`,
    bucket: 'bytes',
    region: 'us-east-1',
    accessKeyId,
    accessKeySecret,
  }
  const dispose = async (): Promise<void> => {
    await end(child)
    rmSync(directory, { recursive: true, force: true })
  }
  try {
    await untilListening(port, child)
    const client = new S3Client(place)
    await client.call({ method: 'PUT', key: '' })
    client.close()
  } catch (error) {
    await dispose()
    throw error
  }
  return { place, [Symbol.asyncDispose]: dispose }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

async function untilListening(port: number, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + 30_000
  for (;;) {
    const live = await fetch(`http://127.0.0.1:${port}/minio/health/ready`).catch(() => undefined)
    if (live?.ok) return
    if (child.exitCode !== null || performance.now() > deadline) throw new Error('MinIO did not start')
    await new Promise((wake) => setTimeout(wake, 50))
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  await new Promise((done) => server.close(done))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
