/** What laws ask of whoever serves customers in a jurisdiction, apart from where data may go. */
import { findLawPack, type IsoDate, type Statute } from '@pileus/world/laws'
import { isBinding, statusOn } from './explain.ts'

/** The statute that wants customers to show who they are before they are served; undefined where none binds on that day. */
export function findIdentityStatute(jurisdiction: string, on: IsoDate): Statute | undefined {
  return findBinding(jurisdiction, on, (statute) => statute.identity === 'customer')
}

/** The statute that wants a website filed with an authority before it is served; undefined where none binds. */
export function findFilingStatute(jurisdiction: string, on: IsoDate): Statute | undefined {
  return findBinding(jurisdiction, on, (statute) => statute.website === 'filing')
}

function findBinding(jurisdiction: string, on: IsoDate, asks: (statute: Statute) => boolean): Statute | undefined {
  return findLawPack(jurisdiction)?.statutes.find((statute) => asks(statute) && isBinding(statusOn(statute, on)))
}
