/** Draws what is put on a picture: another image of the bucket, or text. */
import { objectError } from '@pileus/kernel/object-protocol'
import { errors } from '../errors.ts'
import type { Size } from './geometry.ts'
import { type Engine, openPixels, type Sharp } from './image-engine.ts'
import { applyStep, type DrawMark, draw, type Mark, openSource, type Source } from './render-image.ts'
import type { WatermarkStep } from './steps.ts'

const nothing = { r: 0, g: 0, b: 0, alpha: 0 }

/** `readSource` gives the image of a key of the same bucket, to whom the caller has a right. */
export function markDrawer(engine: Engine, readSource: (key: string) => Promise<Source>): DrawMark {
  return async (step, picture) => {
    const drawn = step.text ? await drawText(engine, step.text) : await drawImage(engine, step, picture, readSource)
    if (!drawn || step.opacityPercent === 0) return undefined
    let mark = drawn
    if (step.degrees % 360 !== 0) {
      mark = await pixelsOf(open(engine, mark).rotate(step.degrees, { background: nothing }))
    }
    if (step.fills && (step.padX > 0 || step.padY > 0)) {
      mark = await pixelsOf(open(engine, mark).extend({ right: step.padX, bottom: step.padY, background: nothing }))
    }
    if (step.opacityPercent < 100) {
      const input = Buffer.from([255, 255, 255, Math.round(2.55 * step.opacityPercent)])
      const veil = { input, raw: { width: 1, height: 1, channels: 4 as const }, tile: true, blend: 'dest-in' as const }
      mark = await pixelsOf(open(engine, mark).composite([veil]))
    }
    return mark
  }
}

async function drawImage(
  engine: Engine,
  step: WatermarkStep,
  picture: Size,
  readSource: (key: string) => Promise<Source>,
): Promise<Mark | undefined> {
  if (!step.image) return undefined
  let mark = openSource(engine, await readSource(step.image.key), false)
  const noMark = async (): Promise<undefined> => undefined
  for (const one of step.image.steps) mark = await applyStep(engine, mark, one, noMark, picture)
  const drawn = await draw(engine, mark)
  return pixelsOf(drawn.image)
}

async function drawText(engine: Engine, given: NonNullable<WatermarkStep['text']>): Promise<Mark | undefined> {
  const { text, font, sizePx, color, shadowPercent } = given
  const render = async ({ r, g, b }: { r: number; g: number; b: number }): Promise<Mark> => {
    const hex = [r, g, b].map((part) => part.toString(16).padStart(2, '0')).join('')
    const markup = `<span foreground="#${hex}">${escapeMarkup(text)}</span>`
    // At 72 dots per inch a point is a pixel.
    const options = { text: markup, font: `${font} ${sizePx}`, dpi: 72, rgba: true }
    return pixelsOf(engine({ text: options })).catch((cause) => {
      const what = 'The image action watermark with this text, for which the server has no font,'
      throw objectError(errors.NotImplemented, { facts: { what }, cause })
    })
  }
  const front = await render(color)
  if (shadowPercent === 0) return front
  const behind = await render({ r: 0, g: 0, b: 0 })
  const distance = Math.max(1, Math.round(sizePx / 20))
  const raw = { width: front.width, height: front.height, channels: 4 as const }
  const veil = {
    input: Buffer.from([255, 255, 255, Math.round(2.55 * shadowPercent)]),
    raw: { width: 1, height: 1, channels: 4 as const },
    tile: true,
    blend: 'dest-in' as const,
  }
  const faint = await pixelsOf(open(engine, behind).composite([veil]))
  const room = { left: distance, top: distance, background: nothing }
  const shadow = await pixelsOf(open(engine, faint).extend(room))
  return pixelsOf(open(engine, shadow).composite([{ input: front.data, raw, left: 0, top: 0 }]))
}

function open(engine: Engine, { data, width, height }: Mark): Sharp {
  return openPixels(engine, {
    data,
    info: { format: 'raw', size: data.length, width, height, channels: 4, premultiplied: false, hasAlpha: true },
  })
}

async function pixelsOf(image: Sharp): Promise<Mark> {
  const { data, info } = await image.ensureAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height }
}

function escapeMarkup(text: string): string {
  const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: markup may not hold them
  return text.replace(/[\u0000-\u001f]/g, ' ').replace(/[&<>]/g, (char) => escapes[char]!)
}
