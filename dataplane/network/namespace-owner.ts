import { readdirSync, readFileSync, statSync } from 'node:fs'
import { daemonNames, type FabricPlace } from './daemons.ts'
import { findNamespaceInode } from './namespaces.ts'

/** Directory of another fabric whose daemons run in this one's namespace; undefined when there is none. */
export function findOtherFabric({ namespace, runDir }: FabricPlace): string | undefined {
  const inode = findNamespaceInode(namespace)
  if (inode === undefined) return undefined
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const directory = readFabricDirectory(pid, inode)
    if (directory !== undefined && directory !== runDir) return directory
  }
  return undefined
}

function readFabricDirectory(pid: string, inode: number): string | undefined {
  try {
    if (statSync(`/proc/${pid}/ns/net`).ino !== inode) return undefined
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    const pidFile = commandLine.find((arg) => arg.startsWith('--pidfile='))?.slice('--pidfile='.length) ?? ''
    const name = daemonNames.find((daemon) => pidFile.endsWith(`/${daemon}.pid`))
    return name === undefined ? undefined : pidFile.slice(0, -`/${name}.pid`.length)
  } catch {
    // It ended in this moment.
    return undefined
  }
}
