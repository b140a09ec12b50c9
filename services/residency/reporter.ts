/** Gathers what all products say of an account, and signs it. */
import { type Clock, isoSeconds } from '@pileus/kernel/clock'
import type { AccountId } from '@pileus/kernel/ids'
import type { InventoryItem, Service } from '@pileus/kernel/operation'
import {
  newReportKey,
  type RegionShare,
  type ReportKey,
  type ResidencyReport,
  type SignedReport,
  signReport,
} from '@pileus/kernel/residency/report'
import type { SecretBox } from '@pileus/kernel/secret-box'
import type { Store } from '@pileus/kernel/store/store'
import { operatorOf } from '@pileus/world/operators'
import { findRegion } from '@pileus/world/regions'
import { maxDeclarations } from './profiles.ts'
import { countOutcomes } from './tables/decisions.ts'
import { getSettings, listDeclarations } from './tables/profiles.ts'
import { ensureReportKey } from './tables/report-key.ts'

interface Parts {
  store: Store
  secretBox: SecretBox
  clock: Clock
  cellId: string
  /** Every product of the cell. */
  services: () => readonly Service[]
}

export interface Reporter {
  generate(accountId: AccountId): Promise<SignedReport>
}

const keyContext = 'residency report key'

export function createReporter({ store, secretBox, clock, cellId, services }: Parts): Reporter {
  let key: ReportKey | undefined
  const getKey = async (): Promise<ReportKey> => {
    if (key) return key
    const made = newReportKey()
    const offered = { publicKey: made.publicKey, sealedKey: secretBox.seal(made.privateKey, keyContext) }
    const kept = await ensureReportKey(store.db, offered)
    key = { publicKey: kept.publicKey, privateKey: secretBox.open(kept.sealedKey, keyContext) }
    return key
  }
  return {
    async generate(accountId) {
      const resources: ResidencyReport['resources'][number][] = []
      for (const service of services()) {
        for await (const item of service.inventory?.(accountId) ?? []) {
          resources.push({ ...item, jurisdiction: findRegion(item.regionId)?.jurisdiction ?? 'global' })
        }
      }
      const [settings, declared, decisions] = await Promise.all([
        getSettings(store.db, accountId),
        listDeclarations(store.db, accountId, { limit: maxDeclarations }),
        countOutcomes(store.db, accountId),
      ])
      const report: ResidencyReport = {
        format: 'pileus-residency-report/1',
        accountId,
        cellId,
        generatedAt: isoSeconds(clock.now()),
        allowedPlaces: settings.allowedPlaces ?? null,
        dataClasses: declared.map((row) => ({
          resourceArn: row.resource_arn,
          dataClass: row.data_class,
          origin: row.origin,
        })),
        decisions,
        regions: sharesOf(resources),
        resources,
      }
      return signReport(report, await getKey())
    },
  }
}

function sharesOf(resources: readonly InventoryItem[]): RegionShare[] {
  const ids = [...new Set(resources.map(({ regionId }) => regionId))].sort()
  return ids.flatMap((regionId) => {
    const region = findRegion(regionId)
    if (!region) return []
    const here = resources.filter((item) => item.regionId === regionId)
    const bytes = here.reduce((sum, item) => sum + (item.bytes ?? 0), 0)
    const { jurisdiction } = region
    return [{ regionId, jurisdiction, operatorId: operatorOf(region).id, resources: here.length, bytes }]
  })
}
