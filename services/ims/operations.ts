import type { AnyOperation } from '@pileus/kernel/operation'
import type { ImsContext } from './operation.ts'
import { AddClientIdToOIDCProvider } from './operations/AddClientIdToOIDCProvider.ts'
import { AddFingerprintToOIDCProvider } from './operations/AddFingerprintToOIDCProvider.ts'
import { CreateOIDCProvider } from './operations/CreateOIDCProvider.ts'
import { CreateSAMLProvider } from './operations/CreateSAMLProvider.ts'
import { DeleteOIDCProvider } from './operations/DeleteOIDCProvider.ts'
import { DeleteSAMLProvider } from './operations/DeleteSAMLProvider.ts'
import { GetOIDCProvider } from './operations/GetOIDCProvider.ts'
import { GetSAMLProvider } from './operations/GetSAMLProvider.ts'
import { ListOIDCProviders } from './operations/ListOIDCProviders.ts'
import { ListSAMLProviders } from './operations/ListSAMLProviders.ts'
import { RemoveClientIdFromOIDCProvider } from './operations/RemoveClientIdFromOIDCProvider.ts'
import { RemoveFingerprintFromOIDCProvider } from './operations/RemoveFingerprintFromOIDCProvider.ts'
import { UpdateOIDCProvider } from './operations/UpdateOIDCProvider.ts'
import { UpdateSAMLProvider } from './operations/UpdateSAMLProvider.ts'

/** Every operation of the product. */
export const operations: readonly AnyOperation<ImsContext>[] = [
  AddClientIdToOIDCProvider,
  AddFingerprintToOIDCProvider,
  CreateOIDCProvider,
  CreateSAMLProvider,
  DeleteOIDCProvider,
  DeleteSAMLProvider,
  GetOIDCProvider,
  GetSAMLProvider,
  ListOIDCProviders,
  ListSAMLProviders,
  RemoveClientIdFromOIDCProvider,
  RemoveFingerprintFromOIDCProvider,
  UpdateOIDCProvider,
  UpdateSAMLProvider,
]
