import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { MissingToolError } from './tool.ts'

/** A lock held until `release`; the kernel releases it too when this process dies in any way. */
export interface FileLock {
  release(): Promise<void>
}

/**
 * Waits until no other process holds `lockFile`, then holds it.
 *
 * Node has no flock(2), so flock(1) holds it for us. Its child lives as long as the pipe from this process.
 * @throws the signal's reason if aborted while waiting.
 */
export async function acquireFileLock(lockFile: string, signal?: AbortSignal): Promise<FileLock> {
  signal?.throwIfAborted()
  const holder = spawn('flock', [lockFile, 'sh', '-c', 'echo held; exec cat >/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // Outside our process group, so that Ctrl-C does not release the lock before the clean-up is done.
    detached: true,
  })
  const ended = new Promise<void>((resolve) => holder.once('close', () => resolve()))
  const onAbort = () => holder.kill('SIGTERM')
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    await new Promise<void>((resolve, reject) => {
      holder.once('error', (error: NodeJS.ErrnoException) =>
        reject(error.code === 'ENOENT' ? new MissingToolError('flock', 'util-linux') : error),
      )
      holder.stdout.once('data', () => resolve())
      holder.once('close', () => reject(signal?.aborted ? signal.reason : new Error(`locking ${lockFile} failed`)))
    })
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
  return {
    async release() {
      holder.stdin.end()
      if (holder.exitCode === null && holder.signalCode === null) await Promise.race([ended, once(holder, 'exit')])
    },
  }
}
