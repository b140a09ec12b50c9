/**
 * The image library, loaded when it is first needed. It runs native decoders over customers' bytes in this process, so
 * everything that is not a plain format is blocked, and it keeps nothing between images.
 */
import type { Metadata, OutputInfo, Sharp } from 'sharp'

export type Engine = typeof import('sharp').default
export type { Metadata, Sharp }

/** Most pixels of a source, all frames together; sides, in pixels. @see docs/sources.md#oss-images */
export const maxSourcePixels = 250_000_000
export const maxSourceSide = 30_000
/** Longest time that one drawing may take, in seconds. */
const timeoutSeconds = 10

let loaded: Promise<Engine> | undefined

export function loadEngine(): Promise<Engine> {
  loaded ??= import('sharp').then(({ default: sharp }) => {
    sharp.cache(false)
    // Images run beside each other, not inside each other: one that is large must not take all cores.
    sharp.concurrency(1)
    sharp.block({ operation: ['VipsForeignLoad'] })
    sharp.unblock({
      operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff', 'Heif'].map((name) => `VipsForeignLoad${name}`),
    })
    return sharp
  })
  return loaded
}

/** Opens encoded bytes. */
export function openEncoded(engine: Engine, bytes: Buffer, isAnimated: boolean): Sharp {
  const options = {
    limitInputPixels: maxSourcePixels,
    sequentialRead: true,
    failOn: 'error',
    animated: isAnimated,
  } as const
  return engine(bytes, options).timeout({ seconds: timeoutSeconds })
}

/** Opens pixels that an earlier step has drawn. */
export function openPixels(engine: Engine, { data, info }: { data: Buffer; info: OutputInfo }): Sharp {
  const { width, height, channels } = info
  return engine(data, { raw: { width, height, channels } }).timeout({ seconds: timeoutSeconds })
}
