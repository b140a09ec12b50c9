/** Images for clouds of tests: built once, then shared by hard links. */
import { copyFileSync, linkSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ensureImage, guestDirUnder } from '@pileus/dataplane/images/build'
import { type ImageName, imagesDirOf } from '@pileus/dataplane/images/catalog'
import { repository } from './launcher.ts'

/** A data directory that holds only images; git ignores it. */
export const imageCache = join(repository, '.cache', 'test-images')

/**
 * Puts the image into a data directory, building it first if need be. The files of a build are never written again,
 * so links serve; `image.json`, which a new build replaces, is written anew.
 */
export async function provideImage(name: ImageName, dataDir: string): Promise<void> {
  const image = await ensureImage(name, { dataDir: imageCache, guestDir: guestDirUnder(repository) })
  const { kernelPath, initrdPath, diskPath, ...record } = image
  const imageDir = join(imagesDirOf(dataDir), image.id)
  for (const [from, name] of [
    [kernelPath, image.kernel],
    [initrdPath, image.initrd],
    [diskPath, image.disk],
  ] as const) {
    mkdirSync(dirname(join(imageDir, name)), { recursive: true })
    linkOrCopy(from, join(imageDir, name))
  }
  writeFileSync(join(imageDir, 'image.json'), JSON.stringify(record))
}

function linkOrCopy(file: string, target: string): void {
  try {
    linkSync(file, target)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
    copyFileSync(file, target)
  }
}
