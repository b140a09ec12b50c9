/** From the text of `x-oss-process` to what it asks for. */
import { say } from '@pileus/kernel/messages/text'
import { objectError } from '@pileus/kernel/object-protocol'
import { invalid } from '../domain/headers.ts'
import { errors } from '../errors.ts'
import { StepArguments } from './step-arguments.ts'
import { gravities, type ImageOutput, type ImageProcess, type ImageStep, outputFormats, resizeModes } from './steps.ts'

/** Longest text that is read, in characters, and most actions in it. */
const maxTextLength = 8192
const maxSteps = 32
/** Longest side that may be asked for, in pixels. */
const maxSide = 16_384
const maxWatermarks = 3
const white = { r: 255, g: 255, b: 255 }
const black = { r: 0, g: 0, b: 0 }

/** Actions of the vendor that are not here, so that they are refused by name and not as mistakes. */
const unknownHere = new Set(['blindwatermark', 'deblur', 'heif', 'panorama', 'seal', 'superresolution', 'colorize'])

/**
 * Splits `image/a/b` into what it asks for.
 * @throws InvalidArgument that names the action and its parameter; NotImplemented for other kinds of processing
 */
export function parseImageProcess(text: string): ImageProcess {
  if (text.length > maxTextLength) {
    throw invalid('x-oss-process', text, say`x-oss-process may have ${maxTextLength} characters.`)
  }
  const [kind, ...actions] = text.split('/')
  if (kind !== 'image') {
    const what = `x-oss-process=${text.slice(0, 60)}`
    if (/^(?:video|doc|audio|csv|json|hls|imm|ocr)$/.test(kind ?? '')) {
      throw objectError(errors.NotImplemented, { facts: { what } })
    }
    throw invalid('x-oss-process', text, say`x-oss-process must begin with image/ or style/.`)
  }
  const named = actions.filter((action) => action !== '')
  if (named.length === 0)
    throw invalid('x-oss-process', text, say`image/ must be followed by an action, such as resize.`)
  if (named.length > maxSteps) throw invalid('x-oss-process', text, say`There may be ${maxSteps} image actions.`)
  if (named.some((action) => /^(?:info|average-hue)(?:,|$)/.test(action))) {
    const [only] = named
    if (named.length === 1 && (only === 'info' || only === 'average-hue')) return { kind: only }
    throw invalid('x-oss-process', text, say`info and average-hue must be the only action, without parameters.`)
  }
  const output: ImageOutput = { format: undefined, quality: undefined, isInterlaced: false }
  const steps: ImageStep[] = []
  for (const action of named) {
    const [name = '', ...parts] = action.split(',')
    if (readOutput(output, name, parts)) continue
    steps.push(readStep(name, parts, true))
  }
  if (steps.filter((step) => step.kind === 'watermark').length > maxWatermarks) {
    throw invalid('x-oss-process', text, say`An image may have ${maxWatermarks} watermarks.`)
  }
  return { kind: 'draw', steps, output }
}

/** Splits off `|sys/saveas,o_…,b_…`, which says where the result goes. @throws InvalidArgument */
export function splitSaveAs(text: string): { process: string; saveAs: { bucket: string | undefined; key: string } } {
  const [process = '', target, ...more] = text.split('|')
  if (target === undefined || more.length > 0 || !target.startsWith('sys/saveas,')) {
    throw invalid('x-oss-process', text, say`The process must end with |sys/saveas,o_<key>,b_<bucket>, in base64.`)
  }
  const given = new StepArguments('saveas', target.split(',').slice(1), ['o', 'b'])
  const key = given.decoded('o')
  if (key === undefined) throw given.refuse(target, say`o, the key of the result, is needed`)
  return { process, saveAs: { bucket: given.decoded('b'), key } }
}

/** Whether the action is about how the result is written down. */
function readOutput(output: ImageOutput, name: string, parts: readonly string[]): boolean {
  switch (name) {
    case 'format': {
      const text = parts[0] === 'jpeg' ? 'jpg' : parts[0]
      const format = outputFormats.find((one) => one === text)
      if (parts.length === 1 && (text === 'bmp' || text === 'heic')) {
        throw objectError(errors.NotImplemented, { facts: { what: say`The image format ${text}` } })
      }
      if (parts.length !== 1 || !format) {
        const reason = say`The image action format is not valid: it must be one of ${outputFormats.join(', ')}.`
        throw invalid('x-oss-process', parts.join(','), reason)
      }
      output.format = format
      return true
    }
    case 'quality': {
      const given = new StepArguments(name, parts, ['q', 'Q'])
      const absolute = given.find('Q', 1, 100)
      const relative = given.find('q', 1, 100)
      if (absolute !== undefined) output.quality = { percent: absolute, kind: 'absolute' }
      else if (relative !== undefined) output.quality = { percent: relative, kind: 'relative' }
      else throw given.refuse(parts.join(','), say`it needs q or Q`)
      return true
    }
    case 'interlace':
      output.isInterlaced = new StepArguments(name, parts, ['']).bare(0, 1) === 1
      return true
    default:
      return false
  }
}

function readStep(name: string, parts: readonly string[], mayMark: boolean): ImageStep {
  switch (name) {
    case 'resize':
      return readResize(parts, !mayMark)
    case 'crop': {
      const given = new StepArguments(name, parts, ['w', 'h', 'x', 'y', 'g'])
      return {
        kind: 'crop',
        width: given.find('w', 0, 30_000) || undefined,
        height: given.find('h', 0, 30_000) || undefined,
        x: given.number('x', 0, 30_000, 0),
        y: given.number('y', 0, 30_000, 0),
        gravity: given.choice('g', gravities, 'nw'),
      }
    }
    case 'indexcrop': {
      const given = new StepArguments(name, parts, ['x', 'y', 'i'])
      const axis = given.has('x') ? 'x' : 'y'
      const size = given.find(axis, 1, 30_000)
      if (size === undefined) throw given.refuse(parts.join(','), say`it needs x or y`)
      return { kind: 'indexcrop', axis, size, index: given.number('i', 0, 30_000, 0) }
    }
    case 'rotate':
      return { kind: 'rotate', degrees: new StepArguments(name, parts, ['']).bare(0, 360) }
    case 'auto-orient':
      return { kind: 'auto-orient', isOn: new StepArguments(name, parts, ['']).bare(0, 1) === 1 }
    case 'circle':
    case 'rounded-corners': {
      const given = new StepArguments(name, parts, ['r'])
      const radius = given.find('r', 1, 4096)
      if (radius === undefined) throw given.refuse(parts.join(','), say`it needs r`)
      return { kind: name, radius }
    }
    case 'blur': {
      const given = new StepArguments(name, parts, ['r', 's'])
      const radius = given.find('r', 1, 50)
      const sigma = given.find('s', 1, 50)
      if (radius === undefined || sigma === undefined) throw given.refuse(parts.join(','), say`it needs r and s`)
      return { kind: 'blur', radius, sigma }
    }
    case 'sharpen':
      return { kind: name, amount: new StepArguments(name, parts, ['']).bare(50, 399) }
    case 'bright':
    case 'contrast':
      return { kind: name, amount: new StepArguments(name, parts, ['']).bare(-100, 100) }
    case 'watermark':
      if (mayMark) return readWatermark(parts)
      break
  }
  if (unknownHere.has(name))
    throw objectError(errors.NotImplemented, { facts: { what: say`The image action ${name}` } })
  throw invalid('x-oss-process', name, say`"${name.slice(0, 50)}" is not an image action that may be used here.`)
}

function readResize(parts: readonly string[], isOfMark: boolean): ImageStep {
  const given = new StepArguments('resize', parts, [
    'm',
    'w',
    'h',
    'l',
    's',
    'p',
    'limit',
    'color',
    ...(isOfMark ? ['P'] : []),
  ])
  const width = given.find('w', 1, maxSide)
  const height = given.find('h', 1, maxSide)
  const hasSides = width !== undefined || height !== undefined
  const longSide = hasSides ? undefined : given.find('l', 1, maxSide)
  const shortSide = hasSides ? undefined : given.find('s', 1, maxSide)
  const percent = given.find('p', 1, 1000)
  const percentOfPicture = given.find('P', 1, 100)
  if ([width, height, longSide, shortSide, percent, percentOfPicture].every((one) => one === undefined)) {
    throw given.refuse(parts.join(','), say`it needs one of w, h, l, s and p`)
  }
  return {
    kind: 'resize',
    mode: given.choice('m', resizeModes, 'lfit'),
    width,
    height,
    longSide,
    shortSide,
    percent,
    percentOfPicture,
    mayEnlarge: given.number('limit', 0, 1, 1) === 0,
    color: given.color('color', white),
  }
}

const watermarkNames =
  'image text type color size shadow rotate fill padx pady t g x y voffset order align interval'.split(' ')

function readWatermark(parts: readonly string[]): ImageStep {
  const given = new StepArguments('watermark', parts, watermarkNames)
  const image = given.decoded('image')
  const text = given.decoded('text')
  if ((image === undefined) === (text === undefined)) {
    throw given.refuse(parts.join(','), say`it needs either image or text`)
  }
  if (text !== undefined && Buffer.byteLength(text) > 64) throw given.refuse(text, say`text may have 64 bytes`)
  return {
    kind: 'watermark',
    image: image === undefined ? undefined : readMark(image),
    text:
      text === undefined
        ? undefined
        : {
            text,
            font: fontOf(given.decoded('type') ?? 'wqy-zenhei'),
            color: given.color('color', black),
            sizePx: given.number('size', 1, 1000, 40),
            shadowPercent: given.number('shadow', 0, 100, 0),
          },
    degrees: given.number('rotate', 0, 360, 0),
    opacityPercent: given.number('t', 0, 100, 100),
    gravity: given.choice('g', gravities, 'se'),
    x: given.number('x', 0, 4096, 10),
    y: given.number('y', 0, 4096, 10),
    voffset: given.number('voffset', -1000, 1000, 0),
    fills: given.number('fill', 0, 1, 0) === 1,
    padX: given.number('padx', 0, 4096, 0),
    padY: given.number('pady', 0, 4096, 0),
  }
}

/** A key, and behind `?` how the mark is made ready. */
function readMark(text: string): { key: string; steps: ImageStep[] } {
  const question = text.indexOf('?x-oss-process=image/')
  if (question === -1) return { key: text, steps: [] }
  const actions = text.slice(question + '?x-oss-process=image/'.length).split('/')
  const steps = actions.slice(0, maxSteps).map((action) => {
    const [name = '', ...parts] = action.split(',')
    return readStep(name, parts, false)
  })
  return { key: text.slice(0, question), steps }
}

/** The nearest family that systems have. */
function fontOf(type: string): string {
  if (/mono/.test(type)) return 'monospace'
  return /fangzhengshusong|fangzhengfangsong|songti|serif/.test(type) ? 'serif' : 'sans-serif'
}

/** The name of a style, where the text asks for one: `style/<name>`. */
export function findStyleName(text: string): string | undefined {
  return text.startsWith('style/') ? text.slice('style/'.length) : undefined
}
