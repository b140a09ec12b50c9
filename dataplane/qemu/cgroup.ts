/** Control groups (v2) for machines: a share of the processors and a bound on memory, where the system allows. */
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { effect } from '@pileus/kernel/effects'

/** Memory QEMU may use beside the guest's own: device state, disk caches, translated code. */
export function memoryBoundMiB(memoryMiB: number, accelerator: 'kvm' | 'tcg'): number {
  // TCG keeps up to 1 GiB of translated code.
  return memoryMiB + Math.ceil(memoryMiB / 16) + (accelerator === 'tcg' ? 1536 : 512)
}

/**
 * Makes `<mount>/<parent>` able to hold machines, and gives its path; undefined where there is no cgroup v2 with the
 * cpu and memory controllers that this process may write.
 */
export async function ensureCgroupParent(parent: string): Promise<string | undefined> {
  const mount = await findMount()
  if (mount === undefined) return undefined
  const path = join(mount, parent)
  try {
    const controllers = (await readFile(join(mount, 'cgroup.controllers'), 'utf8')).trim().split(' ')
    if (!controllers.includes('cpu') || !controllers.includes('memory')) return undefined
    await effect('cgroup.parent', async () => {
      await writeFile(join(mount, 'cgroup.subtree_control'), '+cpu +memory')
      await mkdir(path, { recursive: true })
      await writeFile(join(path, 'cgroup.subtree_control'), '+cpu +memory')
    })
    return path
  } catch {
    // Containers and delegated trees often mount it read-only; machines then run without one.
    return undefined
  }
}

/** Makes the machine's own group and sets its bounds. */
export async function ensureMachineCgroup(
  parent: string,
  machineId: string,
  bounds: { vcpus: number; memoryMiB: number },
): Promise<string> {
  const path = join(parent, machineId)
  await effect('cgroup.create', async () => {
    await mkdir(path, { recursive: true })
    await writeFile(join(path, 'cpu.weight'), String(Math.min(10_000, bounds.vcpus * 100)))
    await writeFile(join(path, 'memory.max'), String(bounds.memoryMiB * 1024 * 1024))
  })
  return path
}

/** Removes the machine's group, once its process is gone. */
export async function removeMachineCgroup(parent: string, machineId: string): Promise<void> {
  await effect('cgroup.remove', async () => {
    await rmdir(join(parent, machineId)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
    })
  })
}

async function findMount(): Promise<string | undefined> {
  const mounts = await readFile('/proc/self/mounts', 'utf8').catch(() => '')
  return mounts
    .split('\n')
    .map((line) => line.split(' '))
    .find((fields) => fields[2] === 'cgroup2')?.[1]
}
