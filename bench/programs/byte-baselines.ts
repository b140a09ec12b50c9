/**
 * What bounds large objects on this machine, measured by the least of programs. Takes `md5 <bytes>` and
 * `write <bytes>`, which print MiB/s, and `serve <bytes>`, which prints the port of a bare server of a file that size.
 */
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, mkdtempSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pipeline } from 'node:stream'

const sliceBytes = 1024 * 1024
const slice = randomBytes(sliceBytes)
const directory = mkdtempSync(join(tmpdir(), 'pileus-bench-bytes-'))
process.on('exit', () => rmSync(directory, { recursive: true, force: true }))
process.on('SIGINT', () => process.exit(0))

for await (const line of createInterface({ input: process.stdin })) {
  const [what, bytes] = line.split(' ')
  if (what === 'md5') console.log(mibPerSecond(Number(bytes), await timed(() => md5(Number(bytes)))))
  else if (what === 'write')
    console.log(mibPerSecond(Number(bytes), await timed(() => write(Number(bytes), 'written'))))
  else console.log(await serve(Number(bytes)))
}
process.exit(0)

async function timed(work: () => Promise<void>): Promise<number> {
  const startedMs = performance.now()
  await work()
  return (performance.now() - startedMs) / 1000
}

function mibPerSecond(bytes: number, seconds: number): number {
  return bytes / sliceBytes / seconds
}

async function md5(bytes: number): Promise<void> {
  const hash = createHash('md5')
  for (let left = bytes; left > 0; left -= sliceBytes) hash.update(slice)
  hash.digest()
}

async function write(bytes: number, name: string): Promise<void> {
  const file = await open(join(directory, name), 'w')
  for (let left = bytes; left > 0; left -= sliceBytes) await file.write(slice, 0, Math.min(left, sliceBytes))
  await file.datasync()
  await file.close()
}

async function serve(bytes: number): Promise<number> {
  const name = `served-${bytes}`
  await write(bytes, name)
  const server = createServer((_incoming, outgoing) => {
    outgoing.writeHead(200, { 'content-length': bytes })
    pipeline(createReadStream(join(directory, name)), outgoing, () => {})
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return (server.address() as AddressInfo).port
}
