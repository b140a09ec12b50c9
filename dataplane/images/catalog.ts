/**
 * The images on this machine: `<dataDir>/images/<imageId>/image.json`, with the files of each build in a folder beside
 * it. A new build gets a new folder and the old one stays, because disks of machines may be layered on it.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Names under which images can be built; also their `ImageFamily`, and accepted wherever an image id is. */
export const imageNames = ['micro', 'debian-12'] as const
export type ImageName = (typeof imageNames)[number]

/** What `image.json` holds. */
export interface ImageRecord {
  id: string
  family: ImageName
  name: string
  /** Operating system as customers see it (`OSName`). */
  osName: string
  /** Distribution as customers see it (`Platform`). */
  platform: string
  /** Size of the disk as the guest sees it. */
  sizeGiB: number
  /** UTC, ISO 8601. */
  createdAt: string
  minMemoryMiB: number
  /** Kernel, initramfs and disk (qcow2): paths relative to the folder of `image.json`. */
  kernel: string
  initrd: string
  disk: string
  /** Kernel command line for starting `kernel` directly. */
  cmdline: string
  /** Hash of what the image was built with; differs from the builder's when a newer build is due. */
  recipe: string
}

/** An image with absolute paths. */
export interface InstalledImage extends ImageRecord {
  kernelPath: string
  initrdPath: string
  diskPath: string
}

/** Where images live. */
export function imagesDirOf(dataDir: string): string {
  return join(dataDir, 'images')
}

/** Every image that is completely built, in the order of their ids. */
export async function listImages(dataDir: string): Promise<InstalledImage[]> {
  const images: InstalledImage[] = []
  for (const id of (await namesIn(imagesDirOf(dataDir))).sort()) {
    const image = id.startsWith('.') ? undefined : await readImage(join(imagesDirOf(dataDir), id))
    if (image) images.push(image)
  }
  return images
}

/** The image with this id or, failing that, of this family. */
export async function findImage(dataDir: string, idOrFamily: string): Promise<InstalledImage | undefined> {
  const images = await listImages(dataDir)
  return images.find((image) => image.id === idOrFamily) ?? images.find((image) => image.family === idOrFamily)
}

async function readImage(imageDir: string): Promise<InstalledImage | undefined> {
  let text: string
  try {
    text = await readFile(join(imageDir, 'image.json'), 'utf8')
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
  const record = JSON.parse(text) as ImageRecord
  return {
    ...record,
    kernelPath: join(imageDir, record.kernel),
    initrdPath: join(imageDir, record.initrd),
    diskPath: join(imageDir, record.disk),
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (isAbsent(error)) return []
    throw error
  }
}

function isAbsent(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code
  return code === 'ENOENT' || code === 'ENOTDIR'
}
