import { ensureImage, guestDirUnder } from '@pileus/dataplane/images/build'
import { type ImageName, imageNames } from '@pileus/dataplane/images/catalog'
import type { Log } from '@pileus/kernel/log'

/** Builds images that are missing, one after the other, in the background. */
export interface ImageBuilds {
  /** What is being built now, for `status`. */
  describe(): string[]
  /** Gives up the build that runs; it leaves nothing. */
  stop(): Promise<void>
}

export function buildImagesInBackground(options: {
  names: readonly ImageName[]
  dataDir: string
  installDir: string
  log: Log
}): ImageBuilds {
  const abort = new AbortController()
  let now: string | undefined
  const failures = new Map<ImageName, string>()
  const work = (async () => {
    for (const name of options.names) {
      if (abort.signal.aborted) return
      now = `building image ${name}`
      try {
        await ensureImage(name, {
          dataDir: options.dataDir,
          guestDir: guestDirUnder(options.installDir),
          signal: abort.signal,
          onProgress: ({ step, fraction }) => {
            now = `building image ${name}: ${step}${fraction === undefined ? '' : ` (${Math.round(fraction * 100)} %)`}`
          },
        })
      } catch (error) {
        if (abort.signal.aborted) return
        failures.set(name, error instanceof Error ? error.message : String(error))
        options.log.error({ err: error, image: name }, 'an image cannot be built')
      }
    }
    now = undefined
  })()
  return {
    describe: () => [
      ...(now ? [now] : []),
      ...[...failures].map(([name, reason]) => `image ${name} could not be built: ${reason}`),
    ],
    async stop() {
      abort.abort()
      await work
    },
  }
}

/** Builds the small image when it is missing, saying each step. */
export async function ensureMicro(
  { dataDir, installDir }: { dataDir: string; installDir: string },
  onProgress: (step: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  await ensureImage('micro', {
    dataDir,
    guestDir: guestDirUnder(installDir),
    ...(signal ? { signal } : {}),
    onProgress: ({ step }) => onProgress(`image micro: ${step}`),
  })
}

/** @throws Error naming the first that is no image */
export function parseImageNames(text: string): ImageName[] {
  const names = text.split(',').filter((name) => name !== '' && name !== 'none')
  for (const name of names) {
    if (!imageNames.includes(name as ImageName))
      throw new Error(`there is no image "${name}"; there are ${imageNames.join(', ')}`)
  }
  return names as ImageName[]
}
