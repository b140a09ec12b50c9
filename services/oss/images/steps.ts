/** What the words of `x-oss-process=image/…` ask for, with their bounds. @see docs/sources.md#oss-images */

export const gravities = ['nw', 'north', 'ne', 'west', 'center', 'east', 'sw', 'south', 'se'] as const
export type Gravity = (typeof gravities)[number]

export const resizeModes = ['lfit', 'mfit', 'fill', 'pad', 'fixed'] as const
export const outputFormats = ['jpg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const
export type OutputFormat = (typeof outputFormats)[number]

export interface Color {
  r: number
  g: number
  b: number
}

/** Lengths are in pixels; what is not given is undefined. */
export interface ResizeStep {
  kind: 'resize'
  mode: (typeof resizeModes)[number]
  width: number | undefined
  height: number | undefined
  longSide: number | undefined
  shortSide: number | undefined
  percent: number | undefined
  /** Percent of the picture that a watermark is put on; for watermarks only. */
  percentOfPicture: number | undefined
  mayEnlarge: boolean
  color: Color
}

export interface CropStep {
  kind: 'crop'
  width: number | undefined
  height: number | undefined
  x: number
  y: number
  gravity: Gravity
}

export interface WatermarkStep {
  kind: 'watermark'
  image: { key: string; steps: readonly ImageStep[] } | undefined
  text: { text: string; font: string; color: Color; sizePx: number; shadowPercent: number } | undefined
  degrees: number
  opacityPercent: number
  gravity: Gravity
  x: number
  y: number
  voffset: number
  /** Whether it covers the whole picture, and the space between two. */
  fills: boolean
  padX: number
  padY: number
}

export type ImageStep =
  | ResizeStep
  | CropStep
  | WatermarkStep
  | { kind: 'indexcrop'; axis: 'x' | 'y'; size: number; index: number }
  | { kind: 'rotate'; degrees: number }
  | { kind: 'auto-orient'; isOn: boolean }
  | { kind: 'circle' | 'rounded-corners'; radius: number }
  | { kind: 'blur'; radius: number; sigma: number }
  | { kind: 'sharpen' | 'bright' | 'contrast'; amount: number }

export interface ImageOutput {
  /** The source's own when undefined. */
  format: OutputFormat | undefined
  /** `relative` is a share of the source's quality. */
  quality: { percent: number; kind: 'absolute' | 'relative' } | undefined
  isInterlaced: boolean
}

/** What is asked of an image: to be told about, or to be drawn anew. */
export type ImageProcess =
  | { kind: 'info' }
  | { kind: 'average-hue' }
  | { kind: 'draw'; steps: readonly ImageStep[]; output: ImageOutput }
