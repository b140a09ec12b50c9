/**
 * The wire as data. `generate.mjs` writes a JSON file per product; this module loads one when its product is first
 * asked for and turns an action's text into `ActionMeta` when that action is first asked for. The constants of
 * `generated/<file>.ts` only name an action and carry its types: importing them reads no file.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import inventory from './inventory.json' with { type: 'json' }
import products from './products.json' with { type: 'json' }
import type { Shape, StructShape } from './shape.ts'
import { compileShape } from './shape.ts'

/** Names an action and carries the types of its request and response. */
export interface ActionRef<Request = unknown, Response = unknown> {
  readonly product: string
  readonly version: string
  readonly name: string
  /** Never present; ties the types to the constant. The kernel declares the same, so that it need not import this. */
  readonly messages?: { request: Request; response: Response }
}

export type RequestOf<Ref> = Ref extends ActionRef<infer Request, infer _Response> ? Request : never
export type ResponseOf<Ref> = Ref extends ActionRef<infer _Request, infer Response> ? Response : never

export type Style = 'RPC' | 'ROA'
export type AuthType = 'AK' | 'Anonymous'

/** All the wire says about an action. */
export interface ActionMeta<Request = unknown, Response = unknown> extends ActionRef<Request, Response> {
  readonly style: Style
  /** HTTP method and path; paths hold `[Name]` where a parameter goes. RPC actions are `POST /` and take GET as well. */
  readonly method: string
  readonly path: string
  /** `Anonymous` actions come unsigned. */
  readonly auth: AuthType
  readonly request: StructShape
  readonly response: Shape
}

export interface ProductRef {
  /** The vendor's product code, `Ecs`. */
  readonly product: string
  /** `2014-05-26`. */
  readonly version: string
  readonly style: Style
  /** Name of the generated files. */
  readonly file: string
  /** False for products whose actions are known by name only. */
  readonly hasShapes: boolean
}

export interface Product extends ProductRef {
  /** Every known action, those without shapes included, sorted. */
  readonly actionNames: readonly string[]
  /** Shapes of an action, by its name in any case. */
  findAction(name: string): ActionMeta | undefined
  /** The vendor's spelling of an action's name, given in any case; also for actions without shapes. */
  findActionName(name: string): string | undefined
}

/** Makes the constant of an action; called by generated code. */
export function action<Request, Response>(
  product: string,
  version: string,
  name: string,
): ActionRef<Request, Response> {
  return { product, version, name }
}

const productList: readonly ProductRef[] = products.map((p) => ({
  product: p.product,
  version: p.version,
  style: p.style as Style,
  file: p.file,
  hasShapes: 'package' in p || 'patchOnly' in p,
}))
const productByVersion = new Map(productList.map((p) => [p.version, p]))
const productByKey = new Map(productList.map((p) => [`${p.product.toLowerCase()}@${p.version}`, p]))
const loaded = new Map<string, Product>()

/** Every product of the contract, in a fixed order. */
export function listProducts(): readonly ProductRef[] {
  return productList
}

/** The product of an RPC call: each API version date belongs to one product. */
export function findProductByVersion(version: string): ProductRef | undefined {
  return productByVersion.get(version)
}

/** By product code in any case; `version` tells apart products that have two. */
export function findProduct(product: string, version?: string): ProductRef | undefined {
  const wanted = product.toLowerCase()
  if (version !== undefined) return productByKey.get(`${wanted}@${version}`)
  return productList.find((p) => p.product.toLowerCase() === wanted)
}

/**
 * A product with its actions; the file is read once.
 * @throws Error when there is no such product, or its generated file is missing
 */
export function loadProduct(product: string, version?: string): Product {
  const ref = findProduct(product, version)
  if (!ref) throw new Error(`the contract has no product ${product}${version ? ` ${version}` : ''}`)
  let found = loaded.get(ref.file)
  if (!found) {
    found = buildProduct(ref)
    loaded.set(ref.file, found)
  }
  return found
}

/** Shapes of an action; product and name in any case. Undefined when product, version or name is unknown. */
export function findAction(product: string, version: string, name: string): ActionMeta | undefined {
  return findProduct(product, version) && loadProduct(product, version).findAction(name)
}

/** @throws Error when the contract has no shapes for the action */
export function getAction<Request, Response>(ref: ActionRef<Request, Response>): ActionMeta<Request, Response> {
  const meta = findAction(ref.product, ref.version, ref.name)
  if (!meta) throw new Error(`the contract has no action ${ref.product} ${ref.version} ${ref.name}`)
  return meta as ActionMeta<Request, Response>
}

interface ProductFile {
  readonly actions: Readonly<Record<string, string>>
  readonly structs: readonly string[]
}

function buildProduct(ref: ProductRef): Product {
  const file: ProductFile = ref.hasShapes ? readProductFile(ref.file) : { actions: {}, structs: [] }
  const known = (inventory as Record<string, string>)[`${ref.product}@${ref.version}`]?.split(' ') ?? []
  const actionNames = [...new Set([...Object.keys(file.actions), ...known])].sort()
  const nameByLowerCase = new Map(actionNames.map((name) => [name.toLowerCase(), name]))
  // The SDK's spelling wins where the inventory's differs in case.
  for (const name of Object.keys(file.actions)) nameByLowerCase.set(name.toLowerCase(), name)
  const structs = new Map<number, StructShape>()
  const metas = new Map<string, ActionMeta>()

  const findAction = (name: string): ActionMeta | undefined => {
    const spelled = nameByLowerCase.get(name.toLowerCase())
    const text = spelled === undefined ? undefined : file.actions[spelled]
    if (spelled === undefined || text === undefined) return undefined
    let meta = metas.get(spelled)
    if (!meta) {
      meta = buildAction(ref, spelled, text, (type) => compileShape(type, file.structs, structs))
      metas.set(spelled, meta)
    }
    return meta
  }
  return {
    ...ref,
    actionNames: [...new Set(nameByLowerCase.values())].sort(),
    findAction,
    findActionName: (name) => nameByLowerCase.get(name.toLowerCase()),
  }
}

function buildAction(ref: ProductRef, name: string, text: string, compile: (type: string) => Shape): ActionMeta {
  const [requestType = '', responseType = '', auth, method = 'POST', path = '/'] = text.split(' ')
  const request = compile(requestType)
  if (request.kind !== 'struct') throw new Error(`the request of ${ref.product} ${name} is no struct`)
  return {
    product: ref.product,
    version: ref.version,
    name,
    style: ref.style,
    method,
    path,
    auth: auth === 'Anonymous' ? 'Anonymous' : 'AK',
    request,
    response: compile(responseType),
  }
}

function readProductFile(file: string): ProductFile {
  return JSON.parse(readFileSync(join(findGeneratedDirectory(), `${file}.json`), 'utf8')) as ProductFile
}

let generatedDirectory: string | undefined

/** Beside this module in the source tree; above it, in `contract/generated`, once the code is bundled elsewhere. */
function findGeneratedDirectory(): string {
  if (generatedDirectory !== undefined) return generatedDirectory
  const start = dirname(fileURLToPath(import.meta.url))
  for (let directory = start; ; directory = dirname(directory)) {
    for (const candidate of [join(directory, 'generated'), join(directory, 'contract', 'generated')]) {
      if (existsSync(join(candidate, 'stamp'))) {
        generatedDirectory = candidate
        return candidate
      }
    }
    if (directory === dirname(directory)) break
  }
  throw new Error(`no contract/generated at or above ${start}: run node contract/generate.mjs`)
}
