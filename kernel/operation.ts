/**
 * What an API operation is. It validates and writes intent in one transaction, then answers; it neither waits nor
 * retries, and touches no machine. The gateway runs it; see docs/architecture.md for the stages before and after.
 */
import type { Clock } from './clock.ts'
import type { HostedRegions } from './hosted-regions.ts'
import type { AccountId } from './ids.ts'
import type { Log } from './log.ts'
import type { Principal } from './ports.ts'
import type { Reconciler } from './reconcile.ts'
import type { Migration } from './store/migrations.ts'
import type { Db } from './store/store.ts'
import type { Topic } from './wake.ts'

/** Names an action of the contract and carries the types of its messages. */
export interface ActionRef<Request, Response> {
  readonly product: string
  readonly version: string
  readonly name: string
  /** Never set: holds the types. */
  readonly messages?: { request: Request; response: Response }
}

/** What every operation is given. Products add the ports of their neighbours. */
export interface OperationContext {
  readonly requestId: string
  readonly clock: Clock
  /** In a `write`, the one transaction that holds everything it does; in a `read`, the database. */
  readonly db: Db
  readonly principal: Principal
  /** Whose resources these are. */
  readonly accountId: AccountId
  /** Where, already checked to be served here. */
  readonly regionId: string
  readonly hosted: HostedRegions
  /** The caller's language, a BCP 47 tag such as `zh-CN`. */
  readonly language: string
  readonly sourceIp: string
  /** Host and port by which the caller reached us, such as `127.0.0.1:8080`. */
  readonly endpoint: string
  readonly secureTransport: boolean
  readonly log: Log
  /** Wakes the reconcilers that listen to `topic` once this transaction has committed. */
  wake(topic: Topic): Promise<void>
}

/** What a place the data goes to is known by; `nowhere` for operations that place none. */
export type Placement<Request> = 'nowhere' | ((request: Request, regionId: string) => string)

export interface AdditionalQuestion {
  permission: string
  /** Whole ARNs. */
  resources: readonly string[]
}

/** What looking up the resources of a request may use. Rows of other accounts are not to be told of. */
export type ResourceLookup = Pick<OperationContext, 'db' | 'accountId' | 'regionId' | 'principal'>

export interface OperationRules<Request> {
  /** What RAM policies name, such as `ecs:RunInstances`; `anonymous` operations ask nobody. */
  permission: string | { anonymous: true }
  /**
   * Resource parts of the ARNs asked about, such as `instance/i-…`; `*` when the operation names none. Region and
   * account are put before them.
   */
  resources?: (request: Request) => readonly string[]
  /** Other permissions that the request needs besides, such as `ram:PassRole` for the role it gives away. */
  alsoAsks?: (request: Request, accountId: AccountId) => readonly AdditionalQuestion[]
  /** Instead of `resources`, where only stored rows tell, such as the table of a route that is named by its own id. */
  findResources?: (lookup: ResourceLookup, request: Request) => Promise<readonly string[]>
  /** The region it places data in; the residency gate asks. */
  places: Placement<Request>
  /** Whether this request places any; each does when absent. */
  placesWhen?: (request: Request) => boolean
  /** A product whose data is not in a region (accounts, policies) says `global`. */
  scope?: 'region' | 'global'
}

export interface WriteRules<Request> extends OperationRules<Request> {
  /** The parameter that makes a repeated call answer as the first did; usually `ClientToken`. */
  idempotentBy?: (request: Request) => string | undefined
  /** The parameter that asks for validation alone; usually `DryRun`. */
  dryRunBy?: (request: Request) => boolean | undefined
}

export interface Operation<Context extends OperationContext = OperationContext, Request = unknown, Response = unknown> {
  readonly ref: ActionRef<Request, Response>
  readonly kind: 'read' | 'write'
  readonly rules: WriteRules<Request>
  readonly run: (context: Context, request: Request) => Promise<Response>
}

// biome-ignore lint/suspicious/noExplicitAny: a list of operations mixes their message types; the gateway pairs each with its own decoder.
export type AnyOperation<Context extends OperationContext = OperationContext> = Operation<Context, any, any>

/** The two ways to define operations of a product whose context is `Context`. */
export function operationsFor<Context extends OperationContext>() {
  return {
    /** Changes something: runs in a transaction; dry runs roll it back, repeated tokens do not run it twice. */
    write<Request, Response>(
      ref: ActionRef<Request, Response>,
      rules: WriteRules<Request> & {
        run: (context: Context, request: Request) => Promise<Omit<Response, 'RequestId'>>
      },
    ): Operation<Context, Request, Response> {
      return { ref, kind: 'write', rules, run: rules.run as (context: Context, request: Request) => Promise<Response> }
    },
    /** Changes nothing. */
    read<Request, Response>(
      ref: ActionRef<Request, Response>,
      rules: OperationRules<Request> & {
        run: (context: Context, request: Request) => Promise<Omit<Response, 'RequestId'>>
      },
    ): Operation<Context, Request, Response> {
      return { ref, kind: 'read', rules, run: rules.run as (context: Context, request: Request) => Promise<Response> }
    },
  }
}

/** Something of an account that lies somewhere. */
export interface InventoryItem {
  arn: string
  /** Where it lies; `global` for what belongs to no region. */
  regionId: string
  /** What it is, such as `disk`, `snapshot` or `bucket`. */
  kind: string
  /** Size of the data, where it has one. */
  bytes?: number
  /** How many things it stands for: objects of a bucket, entries of a log. */
  items?: number
}

/** One product as `apps/cloud` joins it. */
export interface Service {
  /** The vendor's product code, such as `Ecs`. */
  readonly product: string
  readonly operations: readonly AnyOperation[]
  readonly migrations: readonly Migration[]
  readonly reconcilers: readonly Reconciler[]
  /** Where everything of the account lies, in an order that holds still; residency reports list it. */
  inventory?(accountId: AccountId): AsyncIterable<InventoryItem>
}

/** Binds operations to the ports their context needs. */
export function bindOperations<Extra extends object>(
  operations: readonly AnyOperation<OperationContext & Extra>[],
  extra: Extra,
): AnyOperation[] {
  return operations.map((operation) => ({
    ...operation,
    run: (context: OperationContext, request: unknown) => operation.run({ ...context, ...extra }, request),
  }))
}
