import type { AnyOperation } from '@pileus/kernel/operation'
import type { KmsContext } from './operation.ts'
import { AsymmetricDecrypt } from './operations/AsymmetricDecrypt.ts'
import { AsymmetricEncrypt } from './operations/AsymmetricEncrypt.ts'
import { AsymmetricSign } from './operations/AsymmetricSign.ts'
import { AsymmetricVerify } from './operations/AsymmetricVerify.ts'
import { CancelKeyDeletion } from './operations/CancelKeyDeletion.ts'
import { CreateAlias } from './operations/CreateAlias.ts'
import { CreateKey } from './operations/CreateKey.ts'
import { CreateKeyVersion } from './operations/CreateKeyVersion.ts'
import { CreateSecret } from './operations/CreateSecret.ts'
import { Decrypt } from './operations/Decrypt.ts'
import { DeleteAlias } from './operations/DeleteAlias.ts'
import { DeleteKeyMaterial } from './operations/DeleteKeyMaterial.ts'
import { DeleteSecret } from './operations/DeleteSecret.ts'
import { DescribeAccountKmsStatus } from './operations/DescribeAccountKmsStatus.ts'
import { DescribeKey } from './operations/DescribeKey.ts'
import { DescribeKeyVersion } from './operations/DescribeKeyVersion.ts'
import { DescribeRegions } from './operations/DescribeRegions.ts'
import { DescribeSecret } from './operations/DescribeSecret.ts'
import { DisableKey } from './operations/DisableKey.ts'
import { EnableKey } from './operations/EnableKey.ts'
import { Encrypt } from './operations/Encrypt.ts'
import { GenerateDataKey } from './operations/GenerateDataKey.ts'
import { GenerateDataKeyWithoutPlaintext } from './operations/GenerateDataKeyWithoutPlaintext.ts'
import { GetKeyPolicy } from './operations/GetKeyPolicy.ts'
import { GetParametersForImport } from './operations/GetParametersForImport.ts'
import { GetPublicKey } from './operations/GetPublicKey.ts'
import { GetRandomPassword } from './operations/GetRandomPassword.ts'
import { GetSecretPolicy } from './operations/GetSecretPolicy.ts'
import { GetSecretValue } from './operations/GetSecretValue.ts'
import { ImportKeyMaterial } from './operations/ImportKeyMaterial.ts'
import { ListAliases } from './operations/ListAliases.ts'
import { ListAliasesByKeyId } from './operations/ListAliasesByKeyId.ts'
import { ListKeys } from './operations/ListKeys.ts'
import { ListKeyVersions } from './operations/ListKeyVersions.ts'
import { ListResourceTags } from './operations/ListResourceTags.ts'
import { ListSecrets } from './operations/ListSecrets.ts'
import { ListSecretVersionIds } from './operations/ListSecretVersionIds.ts'
import { ListTagResources } from './operations/ListTagResources.ts'
import { PutSecretValue } from './operations/PutSecretValue.ts'
import { ReEncrypt } from './operations/ReEncrypt.ts'
import { RestoreSecret } from './operations/RestoreSecret.ts'
import { RotateSecret } from './operations/RotateSecret.ts'
import { ScheduleKeyDeletion } from './operations/ScheduleKeyDeletion.ts'
import { SetDeletionProtection } from './operations/SetDeletionProtection.ts'
import { SetKeyPolicy } from './operations/SetKeyPolicy.ts'
import { TagResource } from './operations/TagResource.ts'
import { TagResources } from './operations/TagResources.ts'
import { UntagResource } from './operations/UntagResource.ts'
import { UntagResources } from './operations/UntagResources.ts'
import { UpdateAlias } from './operations/UpdateAlias.ts'
import { UpdateKeyDescription } from './operations/UpdateKeyDescription.ts'
import { UpdateRotationPolicy } from './operations/UpdateRotationPolicy.ts'
import { UpdateSecret } from './operations/UpdateSecret.ts'
import { UpdateSecretVersionStage } from './operations/UpdateSecretVersionStage.ts'

/** What KMS 2016-01-20 can do here. */
export const operations: readonly AnyOperation<KmsContext>[] = [
  AsymmetricDecrypt,
  AsymmetricEncrypt,
  AsymmetricSign,
  AsymmetricVerify,
  CancelKeyDeletion,
  CreateAlias,
  CreateKey,
  CreateKeyVersion,
  CreateSecret,
  Decrypt,
  DeleteAlias,
  DeleteKeyMaterial,
  DeleteSecret,
  DescribeAccountKmsStatus,
  DescribeKey,
  DescribeKeyVersion,
  DescribeRegions,
  DescribeSecret,
  DisableKey,
  EnableKey,
  Encrypt,
  GenerateDataKey,
  GenerateDataKeyWithoutPlaintext,
  GetKeyPolicy,
  GetParametersForImport,
  GetPublicKey,
  GetRandomPassword,
  GetSecretPolicy,
  GetSecretValue,
  ImportKeyMaterial,
  ListAliases,
  ListAliasesByKeyId,
  ListKeyVersions,
  ListKeys,
  ListResourceTags,
  ListSecretVersionIds,
  ListSecrets,
  ListTagResources,
  PutSecretValue,
  ReEncrypt,
  RestoreSecret,
  RotateSecret,
  ScheduleKeyDeletion,
  SetDeletionProtection,
  SetKeyPolicy,
  TagResource,
  TagResources,
  UntagResource,
  UntagResources,
  UpdateAlias,
  UpdateKeyDescription,
  UpdateRotationPolicy,
  UpdateSecret,
  UpdateSecretVersionStage,
]
