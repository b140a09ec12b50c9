import { constants, createHash, createVerify, publicEncrypt, randomBytes, verify } from 'node:crypto'
import { createRequire } from 'node:module'
import { ManualClock } from '@pileus/kernel/clock'
import { startTestCloud, type TestAccount, type TestCloud } from '@pileus/testkit/test-cloud'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const day = 86_400_000
const clock = new ManualClock(new Date())
let cloud: TestCloud
let other: TestAccount

beforeAll(async () => {
  cloud = await startTestCloud({ clock })
  other = await cloud.newAccount()
})
afterAll(async () => cloud?.[Symbol.asyncDispose]())

/** The answer's body; throws for refusals. */
async function kms(action: string, parameters: Record<string, string> = {}, account: TestAccount = cloud) {
  const { status, body } = await account.call('Kms', action, parameters)
  if (status !== 200) throw new Error(`${action}: ${status} ${body.Code}: ${body.Message}`)
  return body
}

/** `status code` of a refusal. */
async function refusal(action: string, parameters: Record<string, string>, account: TestAccount = cloud) {
  const { status, body } = await account.call('Kms', action, parameters)
  return `${status} ${body.Code}`
}

async function newKey(parameters: Record<string, string> = {}): Promise<string> {
  return (await kms('CreateKey', parameters)).KeyMetadata.KeyId
}

const base64 = (text: string) => Buffer.from(text).toString('base64')
/** Lets reconcilers pass as if it were later; callers' signatures are of now. */
const passAt = async (laterMs: number) => {
  clock.advance(laterMs)
  await cloud.running.reconcilers.passAll()
  clock.advance(-laterMs)
}

describe('keys', () => {
  test('a key encrypts and decrypts, bound to its context in whatever order', async () => {
    const { KeyMetadata } = await kms('CreateKey', { Description: 'first' })
    expect(KeyMetadata).toMatchObject({
      KeySpec: 'Aliyun_AES_256',
      KeyUsage: 'ENCRYPT/DECRYPT',
      KeyState: 'Enabled',
      Origin: 'Aliyun_KMS',
      ProtectionLevel: 'SOFTWARE',
      Arn: `acs:kms:cn-hangzhou:${cloud.accountId}:key/${KeyMetadata.KeyId}`,
    })
    const sealed = await kms('Encrypt', {
      KeyId: KeyMetadata.KeyId,
      Plaintext: base64('hello'),
      EncryptionContext: '{"a":"1","b":"2"}',
    })
    expect(sealed.KeyVersionId).toBe(KeyMetadata.PrimaryKeyVersion)
    const { CiphertextBlob } = sealed
    const opened = await kms('Decrypt', { CiphertextBlob, EncryptionContext: '{"b":"2","a":"1"}' })
    expect(opened).toMatchObject({ Plaintext: base64('hello'), KeyId: KeyMetadata.KeyId })
    for (const EncryptionContext of ['{}', '{"a":"1"}', '{"a":"1","b":"3"}']) {
      expect(await refusal('Decrypt', { CiphertextBlob, EncryptionContext })).toBe('400 InvalidParameter')
    }
  })

  test('an altered ciphertext is refused, wherever it was altered', async () => {
    const KeyId = await newKey()
    const { CiphertextBlob } = await kms('Encrypt', { KeyId, Plaintext: base64('x') })
    const bytes = Buffer.from(CiphertextBlob, 'base64')
    for (let index = 0; index < bytes.length; index += 3) {
      const altered = Buffer.from(bytes)
      altered[index]! ^= 1 << (index % 8)
      const said = await refusal('Decrypt', { CiphertextBlob: altered.toString('base64') })
      // Of a key that is not there, no more is said than that.
      expect(['400 InvalidParameter', '404 Forbidden.KeyNotFound']).toContain(said)
    }
    const cut = bytes.subarray(0, bytes.length - 1).toString('base64')
    expect(await refusal('Decrypt', { CiphertextBlob: cut })).toBe('400 InvalidParameter')
  })

  test('data keys come with and without their plaintext, and move between keys', async () => {
    const [from, to] = [await newKey(), await newKey()]
    const made = await kms('GenerateDataKey', { KeyId: from, KeySpec: 'AES_128' })
    expect(Buffer.from(made.Plaintext, 'base64')).toHaveLength(16)
    const bare = await kms('GenerateDataKeyWithoutPlaintext', { KeyId: from, NumberOfBytes: '64' })
    expect(bare.Plaintext).toBeUndefined()
    const { CiphertextBlob } = await kms('ReEncrypt', {
      CiphertextBlob: made.CiphertextBlob,
      DestinationKeyId: to,
      DestinationEncryptionContext: '{"to":"1"}',
    })
    await kms('DisableKey', { KeyId: from })
    const opened = await kms('Decrypt', { CiphertextBlob, EncryptionContext: '{"to":"1"}' })
    expect(opened).toMatchObject({ Plaintext: made.Plaintext, KeyId: to })
  })

  test('a disabled key does nothing until it is enabled', async () => {
    const KeyId = await newKey()
    const { CiphertextBlob } = await kms('Encrypt', { KeyId, Plaintext: base64('x') })
    await kms('DisableKey', { KeyId })
    expect(await refusal('Decrypt', { CiphertextBlob })).toBe('409 Rejected.Disabled')
    expect(await refusal('Encrypt', { KeyId, Plaintext: base64('x') })).toBe('409 Rejected.Disabled')
    await kms('EnableKey', { KeyId })
    expect((await kms('Decrypt', { CiphertextBlob })).Plaintext).toBe(base64('x'))
  })

  test('a key whose deletion is scheduled is gone when its time has come, unless that was cancelled', async () => {
    const [kept, gone] = [await newKey(), await newKey()]
    for (const KeyId of [kept, gone]) await kms('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: '7' })
    expect(await refusal('Encrypt', { KeyId: kept, Plaintext: base64('x') })).toBe('409 Rejected.PendingDeletion')
    await passAt(6 * day)
    await kms('CancelKeyDeletion', { KeyId: kept })
    await passAt(8 * day)
    expect((await kms('DescribeKey', { KeyId: kept })).KeyMetadata.KeyState).toBe('Enabled')
    expect(await refusal('DescribeKey', { KeyId: gone })).toBe('404 Forbidden.KeyNotFound')
  })

  test('a protected key cannot be scheduled for deletion', async () => {
    const { KeyMetadata } = await kms('CreateKey')
    const arn = { ProtectedResourceArn: KeyMetadata.Arn }
    await kms('SetDeletionProtection', { ...arn, EnableDeletionProtection: 'true' })
    const wish = { KeyId: KeyMetadata.KeyId, PendingWindowInDays: '30' }
    expect(await refusal('ScheduleKeyDeletion', wish)).toBe('403 Forbidden.ProtectedResource')
    await kms('SetDeletionProtection', { ...arn, EnableDeletionProtection: 'false' })
    await kms('ScheduleKeyDeletion', wish)
  })

  test('a rotated key encrypts under its new version and still decrypts what older ones encrypted', async () => {
    const KeyId = await newKey({ EnableAutomaticRotation: 'true', RotationInterval: '30d' })
    const before = await kms('Encrypt', { KeyId, Plaintext: base64('old') })
    await passAt(31 * day)
    const after = await kms('Encrypt', { KeyId, Plaintext: base64('new') })
    expect(after.KeyVersionId).not.toBe(before.KeyVersionId)
    expect((await kms('Decrypt', { CiphertextBlob: before.CiphertextBlob })).Plaintext).toBe(base64('old'))
    expect((await kms('ListKeyVersions', { KeyId })).TotalCount).toBe(2)
    await kms('UpdateRotationPolicy', { KeyId, EnableAutomaticRotation: 'false' })
    await passAt(70 * day)
    expect((await kms('ListKeyVersions', { KeyId })).TotalCount).toBe(2)
    await kms('CreateKeyVersion', { KeyId })
    expect((await kms('ListKeyVersions', { KeyId })).TotalCount).toBe(3)
  })

  test('aliases name keys, and are names of one account', async () => {
    const [first, second] = [await newKey(), await newKey()]
    await kms('CreateAlias', { AliasName: 'alias/app', KeyId: first })
    expect(await refusal('CreateAlias', { AliasName: 'alias/app', KeyId: second })).toBe('409 Rejected.ResourceExist')
    const { CiphertextBlob } = await kms('Encrypt', { KeyId: 'alias/app', Plaintext: base64('x') })
    await kms('UpdateAlias', { AliasName: 'alias/app', KeyId: second })
    expect((await kms('DescribeKey', { KeyId: 'alias/app' })).KeyMetadata.KeyId).toBe(second)
    expect((await kms('Decrypt', { CiphertextBlob })).KeyId).toBe(first)
    expect((await kms('ListAliasesByKeyId', { KeyId: second })).Aliases.Alias).toHaveLength(1)
    expect(await refusal('DescribeKey', { KeyId: 'alias/app' }, other)).toBe('404 Forbidden.AliasNotFound')
    await kms('DeleteAlias', { AliasName: 'alias/app' })
    expect(await refusal('DescribeKey', { KeyId: 'alias/app' })).toBe('404 Forbidden.AliasNotFound')
  })

  test('lists page and filter', async () => {
    const mine = await cloud.newAccount()
    for (let index = 0; index < 3; index++) await kms('CreateKey', {}, mine)
    const page = await kms('ListKeys', { PageSize: '2', PageNumber: '2' }, mine)
    expect(page).toMatchObject({ TotalCount: 3, PageNumber: 2, PageSize: 2 })
    expect(page.Keys.Key).toHaveLength(1)
    const disabled = JSON.stringify([{ Key: 'KeyState', Values: ['Disabled'] }])
    expect((await kms('ListKeys', { Filters: disabled }, mine)).TotalCount).toBe(0)
  })

  test('what needs a hardware module is refused', async () => {
    expect(await refusal('CreateKey', { ProtectionLevel: 'HSM' })).toBe('400 UnsupportedOperation')
    expect(await refusal('CreateKey', { KeySpec: 'EC_SM2' })).toBe('400 UnsupportedOperation')
    expect(await refusal('CreateKey', { KeySpec: 'EC_P256', KeyUsage: 'ENCRYPT/DECRYPT' })).toBe('400 InvalidParameter')
  })
})

describe('asymmetric keys', () => {
  const message = Buffer.from('a message')
  const Digest = createHash('sha256').update(message).digest('base64')

  test.each([
    ['RSA_2048', 'RSA_PKCS1_SHA_256'],
    ['RSA_2048', 'RSA_PSS_SHA_256'],
    ['EC_P256', 'ECDSA_SHA_256'],
    ['EC_P256K', 'ECDSA_SHA_256'],
  ])('%s signs with %s what others verify', async (KeySpec, Algorithm) => {
    const { KeyMetadata } = await kms('CreateKey', { KeySpec, KeyUsage: 'SIGN/VERIFY' })
    const key = { KeyId: KeyMetadata.KeyId, KeyVersionId: KeyMetadata.PrimaryKeyVersion }
    const { Value } = await kms('AsymmetricSign', { ...key, Algorithm, Digest })
    const { PublicKey } = await kms('GetPublicKey', key)
    const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
    const isPss = Algorithm === 'RSA_PSS_SHA_256'
    const signature = Buffer.from(Value, 'base64')
    expect(verify('sha256', message, { key: PublicKey, ...(isPss ? padding : {}) }, signature)).toBe(true)
    expect((await kms('AsymmetricVerify', { ...key, Algorithm, Digest, Value })).Value).toBe(true)
    const wrong = { Digest: createHash('sha256').update('another').digest('base64'), Value }
    expect((await kms('AsymmetricVerify', { ...key, Algorithm, ...wrong })).Value).toBe(false)
    signature[signature.length - 1]! ^= 1
    const Altered = signature.toString('base64')
    expect((await kms('AsymmetricVerify', { ...key, Algorithm, Digest, Value: Altered })).Value).toBe(false)
    expect(
      createVerify('sha256')
        .update(message)
        .verify({ key: PublicKey, ...(isPss ? padding : {}) }, signature),
    ).toBe(false)
  })

  test.each([
    ['RSAES_OAEP_SHA_1', 'sha1'],
    ['RSAES_OAEP_SHA_256', 'sha256'],
  ])('what anybody encrypts with %s, the key decrypts', async (Algorithm, oaepHash) => {
    const { KeyMetadata } = await kms('CreateKey', { KeySpec: 'RSA_2048' })
    const key = { KeyId: KeyMetadata.KeyId, KeyVersionId: KeyMetadata.PrimaryKeyVersion, Algorithm }
    const { PublicKey } = await kms('GetPublicKey', key)
    const outside = publicEncrypt({ key: PublicKey, oaepHash }, Buffer.from('hello')).toString('base64')
    expect((await kms('AsymmetricDecrypt', { ...key, CiphertextBlob: outside })).Plaintext).toBe(base64('hello'))
    const { CiphertextBlob } = await kms('AsymmetricEncrypt', { ...key, Plaintext: base64('again') })
    expect((await kms('AsymmetricDecrypt', { ...key, CiphertextBlob })).Plaintext).toBe(base64('again'))
  })
})

describe('imported material', () => {
  test.each(['RSAES_OAEP_SHA_256', 'RSAES_OAEP_SHA_1', 'RSAES_PKCS1_V1_5'])('%s', async (WrappingAlgorithm) => {
    const KeyId = await newKey({ Origin: 'EXTERNAL' })
    expect(await refusal('Encrypt', { KeyId, Plaintext: base64('x') })).toBe('409 Rejected.PendingImport')
    const asked = { KeyId, WrappingAlgorithm, WrappingKeySpec: 'RSA_2048' }
    const { PublicKey, ImportToken } = await kms('GetParametersForImport', asked)
    const wrap = (material: Buffer) => {
      const key = `-----BEGIN PUBLIC KEY-----\n${PublicKey}\n-----END PUBLIC KEY-----`
      const isOld = WrappingAlgorithm === 'RSAES_PKCS1_V1_5'
      const padding = isOld ? constants.RSA_PKCS1_PADDING : constants.RSA_PKCS1_OAEP_PADDING
      const oaepHash = WrappingAlgorithm.endsWith('256') ? 'sha256' : 'sha1'
      return publicEncrypt({ key, padding, ...(isOld ? {} : { oaepHash }) }, material).toString('base64')
    }
    const material = randomBytes(32)
    const KeyMaterialExpireUnix = String(Math.floor(clock.now().getTime() / 1_000) + 3_600)
    const given = { KeyId, ImportToken, EncryptedKeyMaterial: wrap(material), KeyMaterialExpireUnix }
    await kms('ImportKeyMaterial', given)
    const { CiphertextBlob } = await kms('Encrypt', { KeyId, Plaintext: base64('mine') })
    await passAt(7_200_000)
    expect(await refusal('Decrypt', { CiphertextBlob })).toBe('409 Rejected.PendingImport')
    const forever = { KeyId, ImportToken, KeyMaterialExpireUnix: '0' }
    const foreign = { ...forever, EncryptedKeyMaterial: wrap(randomBytes(32)) }
    expect(await refusal('ImportKeyMaterial', foreign)).toBe('409 Rejected.ResourceExist')
    await kms('ImportKeyMaterial', { ...forever, EncryptedKeyMaterial: wrap(material) })
    expect((await kms('Decrypt', { CiphertextBlob })).Plaintext).toBe(base64('mine'))
    await kms('DeleteKeyMaterial', { KeyId })
    expect(await refusal('Decrypt', { CiphertextBlob })).toBe('409 Rejected.PendingImport')
  })
})

describe('secrets', () => {
  test('the newest version is current, the one before stays readable', async () => {
    const SecretName = 'db/password'
    await kms('CreateSecret', { SecretName, VersionId: 'v1', SecretData: 'one', Description: 'of the database' })
    await kms('PutSecretValue', { SecretName, VersionId: 'v2', SecretData: 'two' })
    expect(await kms('GetSecretValue', { SecretName })).toMatchObject({
      SecretData: 'two',
      VersionId: 'v2',
      VersionStages: { VersionStage: ['ACSCurrent'] },
    })
    expect((await kms('GetSecretValue', { SecretName, VersionStage: 'ACSPrevious' })).SecretData).toBe('one')
    await kms('UpdateSecretVersionStage', {
      SecretName,
      VersionStage: 'ACSCurrent',
      RemoveFromVersion: 'v2',
      MoveToVersion: 'v1',
    })
    expect((await kms('GetSecretValue', { SecretName })).SecretData).toBe('one')
    expect((await kms('ListSecretVersionIds', { SecretName })).VersionIds.VersionId).toHaveLength(2)
    expect(await refusal('RotateSecret', { SecretName, VersionId: 'v3' })).toBe('400 UnsupportedOperation')
    expect(await refusal('GetSecretValue', { SecretName }, other)).toBe('404 Forbidden.ResourceNotFound')
  })

  test('a deleted secret can be restored until its time has come', async () => {
    for (const SecretName of ['kept', 'gone']) {
      await kms('CreateSecret', { SecretName, VersionId: 'v1', SecretData: 'x' })
      await kms('DeleteSecret', { SecretName, RecoveryWindowInDays: '7' })
    }
    expect(await refusal('GetSecretValue', { SecretName: 'kept' })).toBe('409 Rejected.PendingDeletion')
    await kms('RestoreSecret', { SecretName: 'kept' })
    await passAt(8 * day)
    expect((await kms('GetSecretValue', { SecretName: 'kept' })).SecretData).toBe('x')
    expect(await refusal('DescribeSecret', { SecretName: 'gone' })).toBe('404 Forbidden.ResourceNotFound')
    await kms('DeleteSecret', { SecretName: 'kept', ForceDeleteWithoutRecovery: 'true' })
    expect(await refusal('DescribeSecret', { SecretName: 'kept' })).toBe('404 Forbidden.ResourceNotFound')
  })

  test('a secret under a customer key cannot be read with the key disabled', async () => {
    const EncryptionKeyId = await newKey()
    await kms('CreateSecret', { SecretName: 'own', VersionId: 'v1', SecretData: 'x', EncryptionKeyId })
    await kms('DisableKey', { KeyId: EncryptionKeyId })
    expect(await refusal('GetSecretValue', { SecretName: 'own' })).toBe('409 Rejected.Disabled')
    await kms('EnableKey', { KeyId: EncryptionKeyId })
    expect((await kms('GetSecretValue', { SecretName: 'own' })).SecretData).toBe('x')
  })

  test('random passwords keep their rules', async () => {
    const rules = { PasswordLength: '20', ExcludePunctuation: 'true', ExcludeCharacters: 'O0l1' }
    const { RandomPassword } = await kms('GetRandomPassword', rules)
    expect(RandomPassword).toMatch(/^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[A-Za-z0-9]{20}$/)
    expect(RandomPassword).not.toMatch(/[O0l1]/)
  })
})

describe('who may use keys', () => {
  const policy = (...Statement: object[]) => JSON.stringify({ Version: '1', Statement })
  const all = { Effect: 'Allow', Action: ['kms:*'], Resource: ['*'] }

  async function newUser(UserName: string) {
    await cloud.call('Ram', 'CreateUser', { UserName })
    const { AccessKey } = (await cloud.call('Ram', 'CreateAccessKey', { UserName })).body
    return cloud.as({ accessKeyId: AccessKey.AccessKeyId, accessKeySecret: AccessKey.AccessKeySecret })
  }

  test('another account’s key looks like none', async () => {
    const KeyId = await newKey()
    const { CiphertextBlob } = await kms('Encrypt', { KeyId, Plaintext: base64('x') })
    expect(await refusal('DescribeKey', { KeyId }, other)).toBe('404 Forbidden.KeyNotFound')
    const missing = '00000000-0000-4000-8000-000000000000'
    expect(await refusal('DescribeKey', { KeyId: missing }, other)).toBe('404 Forbidden.KeyNotFound')
    const arn = (id: string) => `acs:kms:cn-hangzhou:${cloud.accountId}:key/${id}`
    expect(await refusal('DescribeKey', { KeyId: arn(KeyId) }, other)).toBe('404 Forbidden.KeyNotFound')
    expect(await refusal('DescribeKey', { KeyId: arn(missing) }, other)).toBe('404 Forbidden.KeyNotFound')
    expect(await refusal('Decrypt', { CiphertextBlob }, other)).toBe('404 Forbidden.KeyNotFound')
  })

  test('a key policy lets another account use the key, and not change it', async () => {
    const { KeyMetadata } = await kms('CreateKey')
    const Principal = { RAM: [`acs:ram::${other.accountId}:root`] }
    const Policy = policy({ ...all, Principal: { RAM: [`acs:ram::${cloud.accountId}:*`] } }, { ...all, Principal })
    await kms('SetKeyPolicy', { KeyId: KeyMetadata.KeyId, Policy })
    const { CiphertextBlob } = await kms('Encrypt', { KeyId: KeyMetadata.Arn, Plaintext: base64('x') }, other)
    expect((await kms('Decrypt', { CiphertextBlob }, other)).Plaintext).toBe(base64('x'))
    expect(await refusal('DisableKey', { KeyId: KeyMetadata.Arn }, other)).toBe('404 Forbidden.KeyNotFound')
  })

  test('a key policy allows a user by itself, and its denial wins over everything', async () => {
    const { KeyMetadata } = await kms('CreateKey')
    const { KeyId } = KeyMetadata
    const user = await newUser('carol')
    const call = { KeyId, Plaintext: base64('x') }
    expect(await refusal('Encrypt', call, user)).toBe('403 NoPermission')
    const carol = { RAM: [`acs:ram::${cloud.accountId}:user/carol`] }
    const mine = { ...all, Principal: { RAM: [`acs:ram::${cloud.accountId}:*`] } }
    await kms('SetKeyPolicy', { KeyId, Policy: policy(mine, { ...all, Principal: carol }) })
    await kms('Encrypt', call, user)
    const denial = { ...all, Effect: 'Deny', Principal: { RAM: [`acs:ram::${cloud.accountId}:*`] } }
    await kms('SetKeyPolicy', { KeyId, Policy: policy(denial, { ...all, Principal: carol }) })
    expect(await refusal('Encrypt', call, user)).toBe('403 NoPermission')
    expect(await refusal('SetKeyPolicy', { KeyId, Policy: '{}' })).toBe('400 InvalidParameter')
    await kms('SetKeyPolicy', { KeyId, Policy: policy(mine) })
    expect(JSON.parse((await kms('GetKeyPolicy', { KeyId })).Policy).Statement).toHaveLength(1)
  })

  test('a secret under a customer key asks for the key too', async () => {
    const user = await newUser('erin')
    const EncryptionKeyId = await newKey()
    const secret = { SecretName: 'under-key', SecretData: 'v', VersionId: '1', EncryptionKeyId }
    await kms('CreateSecret', secret)
    const secrets = { Effect: 'Allow', Action: ['kms:*Secret*'], Resource: ['*'] }
    await cloud.call('Ram', 'CreatePolicy', { PolicyName: 'erin', PolicyDocument: policy(secrets) })
    await cloud.call('Ram', 'AttachPolicyToUser', { PolicyType: 'Custom', PolicyName: 'erin', UserName: 'erin' })
    const { SecretName } = secret
    expect(await refusal('GetSecretValue', { SecretName }, user)).toBe('403 NoPermission')
    const next = { SecretName, SecretData: 'w', VersionId: '2' }
    expect(await refusal('PutSecretValue', next, user)).toBe('403 NoPermission')
    expect(await refusal('CreateSecret', { ...secret, SecretName: 'mine' }, user)).toBe('403 NoPermission')
    await kms('CreateSecret', { ...next, SecretName: 'mine', VersionId: '1' }, user)
    expect((await kms('GetSecretValue', { SecretName: 'mine' }, user)).SecretData).toBe('w')
    const erin = { ...all, Principal: { RAM: [`acs:ram::${cloud.accountId}:user/erin`] } }
    await kms('SetKeyPolicy', { KeyId: EncryptionKeyId, Policy: policy(erin) })
    await kms('PutSecretValue', next, user)
    expect((await kms('GetSecretValue', { SecretName }, user)).SecretData).toBe('w')
  })

  test('a denial holds however the request names the secret or the key', async () => {
    const user = await newUser('dora')
    await kms('CreateSecret', { SecretName: 'guarded', SecretData: 'v', VersionId: '1' })
    await kms('CreateSecret', { SecretName: 'open', SecretData: 'v', VersionId: '1' })
    const { KeyMetadata } = await kms('CreateKey')
    const secretArn = (name: string) => `acs:kms:cn-hangzhou:${cloud.accountId}:secret/${name}`
    const denied = { ...all, Effect: 'Deny', Resource: [secretArn('guarded'), KeyMetadata.Arn] }
    await cloud.call('Ram', 'CreatePolicy', { PolicyName: 'dora', PolicyDocument: policy(all, denied) })
    const attached = { PolicyType: 'Custom', PolicyName: 'dora', UserName: 'dora' }
    expect((await cloud.call('Ram', 'AttachPolicyToUser', attached)).status).toBe(200)
    for (const SecretName of ['guarded', secretArn('guarded')]) {
      expect(await refusal('GetSecretValue', { SecretName }, user), SecretName).toBe('403 NoPermission')
    }
    expect((await kms('GetSecretValue', { SecretName: secretArn('open') }, user)).SecretData).toBe('v')
    // Only a whole ARN stands for a name.
    expect(await refusal('GetSecretValue', { SecretName: `guar${secretArn('ded')}` }, user)).toMatch(/^404/)
    const tag = { RegionId: 'cn-hangzhou', 'Tag.1.Key': 'a', 'Tag.1.Value': '1' }
    for (const KeyId of [KeyMetadata.KeyId, KeyMetadata.Arn]) {
      expect(await refusal('CreateAlias', { AliasName: 'alias/dora', KeyId }, user), KeyId).toBe('403 NoPermission')
      const tags = { ...tag, ResourceType: 'key', 'ResourceId.1': KeyId }
      expect(await refusal('TagResources', tags, user), KeyId).toBe('403 NoPermission')
    }
    const tags = { ...tag, ResourceType: 'secret', 'ResourceId.1': secretArn('guarded') }
    expect(await refusal('TagResources', tags, user)).toBe('403 NoPermission')
  })
})

describe('tags', () => {
  test('are set and read in the older and the newer way', async () => {
    const KeyId = await newKey({ Tags: '[{"TagKey":"a","TagValue":"1"}]' })
    await kms('TagResource', { KeyId, Tags: '[{"TagKey":"b","TagValue":"2"}]' })
    const place = { RegionId: 'cn-hangzhou', ResourceType: 'key' }
    await kms('TagResources', { ...place, 'ResourceId.1': KeyId, 'Tag.1.Key': 'c', 'Tag.1.Value': '3' })
    expect((await kms('ListResourceTags', { KeyId })).Tags.Tag).toHaveLength(3)
    await kms('UntagResource', { KeyId, TagKeys: '["a"]' })
    await kms('UntagResources', { ...place, 'ResourceId.1': KeyId, 'TagKey.1': 'b' })
    const { TagResources } = await kms('ListTagResources', { ...place, 'ResourceId.1': KeyId })
    expect(TagResources.TagResource).toEqual([{ ResourceId: KeyId, ResourceType: 'key', TagKey: 'c', TagValue: '3' }])
  })
})

describe('the official client', () => {
  test('makes a key, encrypts and decrypts', async () => {
    const require = createRequire(import.meta.url)
    // biome-ignore lint/suspicious/noExplicitAny: the package's own types are of an older kind of module.
    const sdk = require('@alicloud/kms20160120') as any
    const { accessKeyId, accessKeySecret, endpoint } = cloud
    const config = {
      accessKeyId,
      accessKeySecret,
      endpoint,
      regionId: 'cn-hangzhou',
      type: 'access_key',
      protocol: 'HTTP',
    }
    const client = new sdk.default(config)
    const runtime = {}
    const request = (name: string, fields: object) => new sdk[`${name}Request`](fields)
    const { keyMetadata } = await client.createKeyEx(request('CreateKey', { description: 'sdk' }), runtime)
    const { keyId } = keyMetadata
    const encrypted = await client.encryptEx(request('Encrypt', { keyId, plaintext: base64('hi') }), runtime)
    const { ciphertextBlob } = encrypted
    const decrypted = await client.decryptEx(request('Decrypt', { ciphertextBlob }), runtime)
    expect(decrypted.plaintext).toBe(base64('hi'))
  })
})
