import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import type { SystemUser } from './config.ts'

const run = promisify(execFile)

/** The system user of this name, made when there is none. Needs root. */
export async function ensureSystemUser(name: string): Promise<SystemUser> {
  const known = findSystemUser(name)
  if (known) return known
  await run('useradd', [
    '--system',
    '--user-group',
    '--no-create-home',
    '--home-dir',
    '/nonexistent',
    '--shell',
    '/usr/sbin/nologin',
    name,
  ]).catch((error) => {
    // Another start may have made it meanwhile.
    if (!findSystemUser(name))
      throw new Error(`cannot make the system user "${name}": ${error.message}`, { cause: error })
  })
  const made = findSystemUser(name)
  if (!made) throw new Error(`useradd made no user "${name}"`)
  return made
}

export function findSystemUser(name: string): SystemUser | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`))
  const [, , uid, gid] = line?.split(':') ?? []
  return uid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) }
}
