/**
 * Listens inside another network namespace. A socket belongs for ever to the namespace it was made in, so a short-lived
 * child makes it there and hands it over; the agent serves all namespaces from one process.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { Server } from 'node:net'

/** Runs in the child. Given as text because the agent is shipped as a single file. */
const childProgram = `
const server = require('node:net').createServer()
const [host, port] = process.argv.slice(-2)
server.once('error', (error) => process.send({ error: error.message }, () => process.exit(1)))
server.listen({ host, port: Number(port), backlog: 256 }, () => process.send('listening', server, () => process.exit(0)))
`

/** A socket that listens on `address` in `netns`. @throws Error when it cannot, or not in time */
export async function listenInNamespace(
  netns: string,
  address: { host: string; port: number },
  timeoutMs = 15_000,
): Promise<Server> {
  const program = [process.execPath, '-e', childProgram, '--', address.host, String(address.port)]
  const child = spawn('ip', ['netns', 'exec', netns, ...program], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
  try {
    return await handedOver(child, netns)
  } finally {
    clearTimeout(timer)
  }
}

function handedOver(child: ChildProcess, netns: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    let words = ''
    child.stderr?.on('data', (part: Buffer) => {
      words = (words + part.toString('utf8')).slice(-500)
    })
    child.once('message', (message, handle) => {
      if (handle instanceof Server) resolve(handle)
      else reject(new Error(`cannot listen in ${netns}: ${(message as { error?: string }).error ?? 'no socket came'}`))
    })
    child.once('error', reject)
    child.once('close', () => reject(new Error(`cannot listen in ${netns}: ${words.trim() || 'the child ended'}`)))
  })
}
