/** moto_server from PyPI, in a virtual environment kept below the cache. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { cacheDirectory, type Program, start } from './programs.ts'

export interface StartedMoto extends AsyncDisposable {
  port: number
  program: Program
  version: string
}

/** @throws Error when Python or its venv module is missing, or the package cannot be installed */
export async function startMoto(): Promise<StartedMoto> {
  const environment = join(cacheDirectory(), 'moto')
  const python = join(environment, 'bin', 'python')
  const server = join(environment, 'bin', 'moto_server')
  if (!existsSync(server)) {
    console.error('bench: installing moto[server] from PyPI …')
    execFileSync('python3', ['-m', 'venv', environment], { stdio: ['ignore', 'ignore', 'inherit'] })
    execFileSync(python, ['-m', 'pip', 'install', '--quiet', 'moto[ec2,server]'], {
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: 300_000,
    })
  }
  const show =
    'import importlib.metadata as m, platform; print(m.version("moto"), "on Python", platform.python_version())'
  const version = execFileSync(python, ['-c', show], { encoding: 'utf8' }).trim()
  const port = await freePort()
  const program = start(server, ['-H', '127.0.0.1', '-p', String(port)])
  const stop = (): Promise<void> => program.stop()
  const deadlineMs = performance.now() + 60_000
  while (!(await answers(port))) {
    if (performance.now() > deadlineMs) {
      await stop()
      throw new Error('moto_server did not answer within 60 s')
    }
    await new Promise((wake) => setTimeout(wake, 200))
  }
  return { port, program, version, [Symbol.asyncDispose]: stop }
}

/** `ec2 DescribeRegions` as boto3 sends it. moto reads the key and region of the signature, and does not verify it. */
export function motoRequest(port: number): string {
  const body = 'Action=DescribeRegions&Version=2016-11-15'
  const amzDate = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
  const credential = `AKIAIOSFODNN7EXAMPLE/${amzDate.slice(0, 8)}/us-east-1/ec2/aws4_request`
  const headers = [
    `Host: 127.0.0.1:${port}`,
    'Content-Type: application/x-www-form-urlencoded; charset=utf-8',
    `X-Amz-Date: ${amzDate}`,
    `Authorization: AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=content-type;host;x-amz-date, Signature=${'0'.repeat(64)}`,
    `Content-Length: ${body.length}`,
  ]
  return `POST / HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n${body}`
}

async function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/moto-api/`).then(
    (response) => response.status < 500,
    () => false,
  )
}

/** moto_server does not say which port it got, so it is given one that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  await new Promise((done) => server.close(done))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
