/** Network namespaces of this machine, by the names `ip netns` knows. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { effect } from '@pileus/kernel/effects'
import { CommandError, run } from './commands.ts'

const namespaceDir = '/run/netns'

export function namespaceExists(name: string): boolean {
  // A file that is no mount point is what an interrupted `ip netns add` leaves.
  return existsSync(`${namespaceDir}/${name}`) && statSync(`${namespaceDir}/${name}`).dev !== statSync('/run').dev
}

/** Names of the namespaces that begin with `prefix`. */
export function listNamespaces(prefix: string): string[] {
  if (!existsSync(namespaceDir)) return []
  return readdirSync(namespaceDir).filter((name) => name.startsWith(prefix))
}

/** Identifies a namespace for as long as it lives; undefined when there is none. */
export function findNamespaceInode(name: string): number | undefined {
  return namespaceExists(name) ? statSync(`${namespaceDir}/${name}`).ino : undefined
}

/** Makes a namespace with its loopback up and IPv6 off, so that the host's stack says nothing on interfaces in it. */
export async function ensureNamespace(name: string): Promise<void> {
  if (!namespaceExists(name)) await effect('netns.create', () => addNamespace(name))
  await run('ip', ['-n', name, 'link', 'set', 'lo', 'up'])
  const settings = ['all', 'default'].map((each) => `echo 1 > /proc/sys/net/ipv6/conf/${each}/disable_ipv6`)
  // A kernel without IPv6 has nothing to switch off.
  const script = `if [ -d /proc/sys/net/ipv6 ]; then ${settings.join('; ')}; fi`
  await run('ip', ['netns', 'exec', name, 'sh', '-c', script])
}

/** Removes a namespace and the interfaces in it; nothing happens when there is none. */
export async function removeNamespace(name: string): Promise<void> {
  if (!existsSync(`${namespaceDir}/${name}`)) return
  await effect('netns.delete', async () => {
    try {
      await run('ip', ['netns', 'delete', name])
    } catch (error) {
      if (existsSync(`${namespaceDir}/${name}`)) throw error
    }
  })
}

async function addNamespace(name: string): Promise<void> {
  if (existsSync(`${namespaceDir}/${name}`)) await run('ip', ['netns', 'delete', name])
  try {
    await run('ip', ['netns', 'add', name])
  } catch (error) {
    // Another process may have made it in the same moment.
    if (!(error instanceof CommandError) || !namespaceExists(name)) throw error
  }
}
