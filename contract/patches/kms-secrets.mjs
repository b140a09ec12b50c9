// Kms 2016-01-20: secrets and random passwords. The npm package has
// two thirds of the actions; names and types are those of the Python SDK 3.3.1, which has all of them.

const source =
  'https://github.com/aliyun/alibabacloud-python-sdk/blob/master/kms-20160120/alibabacloud_kms20160120/client.py'

export default {
  product: 'Kms',
  version: '2016-01-20',
  actions: {
    BatchGetSecretValue: {
      source,
      request: {
        SecretsList: {
          $json: [
            { FetchExtendedConfig: 'string', SecretName: 'string!', VersionId: 'string', VersionStage: 'string' },
          ],
        },
      },
      response: {
        Errors: [{ Code: 'string', HttpStatus: 'number', Message: 'string', SecretName: 'string' }],
        RequestId: 'string',
        SecretValues: [
          {
            AutomaticRotation: 'string',
            CreateTime: 'string',
            ExtendedConfig: 'string',
            LastRotationDate: 'string',
            NextRotationDate: 'string',
            RequestId: 'string',
            RotationInterval: 'string',
            SecretData: 'string',
            SecretDataType: 'string',
            SecretName: 'string',
            SecretType: 'string',
            VersionId: 'string',
            VersionStages: { VersionStage: ['string'] },
          },
        ],
      },
    },
    CreateSecret: {
      source,
      request: {
        DKMSInstanceId: 'string',
        Description: 'string',
        EnableAutomaticRotation: 'boolean',
        EncryptionKeyId: 'string',
        ExtendedConfig: { $json: { $map: 'any' } },
        Policy: 'string',
        RotationInterval: 'string',
        SecretData: 'string!',
        SecretDataType: 'string',
        SecretName: 'string!',
        SecretType: 'string',
        Tags: 'string',
        VersionId: 'string!',
      },
      response: {
        Arn: 'string',
        AutomaticRotation: 'string',
        DKMSInstanceId: 'string',
        ExtendedConfig: 'string',
        NextRotationDate: 'string',
        RequestId: 'string',
        RotationInterval: 'string',
        SecretName: 'string',
        SecretType: 'string',
        VersionId: 'string',
      },
    },
    DeleteSecret: {
      source,
      request: { ForceDeleteWithoutRecovery: 'string', RecoveryWindowInDays: 'string', SecretName: 'string!' },
      response: { PlannedDeleteTime: 'string', RequestId: 'string', SecretName: 'string' },
    },
    DescribeSecret: {
      source,
      request: { FetchTags: 'string', SecretName: 'string!' },
      response: {
        Arn: 'string',
        AutomaticRotation: 'string',
        CreateTime: 'string',
        DKMSInstanceId: 'string',
        Description: 'string',
        EncryptionKeyId: 'string',
        ExtendedConfig: 'string',
        LastRotationDate: 'string',
        NextRotationDate: 'string',
        OwingService: 'string',
        PlannedDeleteTime: 'string',
        RequestId: 'string',
        RotationInterval: 'string',
        SecretName: 'string',
        SecretType: 'string',
        Tags: { Tag: [{ TagKey: 'string', TagValue: 'string' }] },
        UpdateTime: 'string',
      },
    },
    GetRandomPassword: {
      source,
      request: {
        ExcludeCharacters: 'string',
        ExcludeLowercase: 'string',
        ExcludeNumbers: 'string',
        ExcludePunctuation: 'string',
        ExcludeUppercase: 'string',
        PasswordLength: 'string',
        RequireEachIncludedType: 'string',
      },
      response: { RandomPassword: 'string', RequestId: 'string' },
    },
    GetSecretPolicy: {
      source,
      request: { PolicyName: 'string', SecretName: 'string!' },
      response: { Policy: 'string', RequestId: 'string' },
    },
    GetSecretValue: {
      source,
      request: {
        DryRun: 'string',
        FetchExtendedConfig: 'boolean',
        Recipient: 'string',
        SecretName: 'string!',
        VersionId: 'string',
        VersionStage: 'string',
      },
      response: {
        AutomaticRotation: 'string',
        CiphertextForRecipient: 'string',
        CreateTime: 'string',
        ExtendedConfig: 'string',
        LastRotationDate: 'string',
        NextRotationDate: 'string',
        RequestId: 'string',
        RotationInterval: 'string',
        SecretData: 'string',
        SecretDataType: 'string',
        SecretName: 'string',
        SecretType: 'string',
        VersionId: 'string',
        VersionStages: { VersionStage: ['string'] },
      },
    },
    ListSecretVersionIds: {
      source,
      request: { IncludeDeprecated: 'string', PageNumber: 'number', PageSize: 'number', SecretName: 'string!' },
      response: {
        PageNumber: 'number',
        PageSize: 'number',
        RequestId: 'string',
        SecretName: 'string',
        TotalCount: 'number',
        VersionIds: {
          VersionId: [{ CreateTime: 'string', VersionId: 'string', VersionStages: { VersionStage: ['string'] } }],
        },
      },
    },
    ListSecrets: {
      source,
      request: { FetchTags: 'string', Filters: 'string', PageNumber: 'number', PageSize: 'number' },
      response: {
        PageNumber: 'number',
        PageSize: 'number',
        RequestId: 'string',
        SecretList: {
          Secret: [
            {
              CreateTime: 'string',
              OwingService: 'string',
              PlannedDeleteTime: 'string',
              SecretName: 'string',
              SecretType: 'string',
              Tags: { Tag: [{ TagKey: 'string', TagValue: 'string' }] },
              UpdateTime: 'string',
            },
          ],
        },
        TotalCount: 'number',
      },
    },
    PutSecretValue: {
      source,
      request: {
        SecretData: 'string!',
        SecretDataType: 'string',
        SecretName: 'string!',
        VersionId: 'string!',
        VersionStages: 'string',
      },
      response: {
        RequestId: 'string',
        SecretName: 'string',
        VersionId: 'string',
        VersionStages: { VersionStage: ['string'] },
      },
    },
    RestoreSecret: {
      source,
      request: { SecretName: 'string!' },
      response: { RequestId: 'string', SecretName: 'string' },
    },
    RotateSecret: {
      source,
      request: { SecretName: 'string!', VersionId: 'string!' },
      response: { Arn: 'string', RequestId: 'string', SecretName: 'string', VersionId: 'string' },
    },
    SetSecretPolicy: {
      source,
      request: { Policy: 'string!', PolicyName: 'string', SecretName: 'string!' },
      response: { RequestId: 'string' },
    },
    UpdateSecret: {
      source,
      request: { ExtendedConfig: { CustomData: { $map: 'any' } }, Description: 'string', SecretName: 'string!' },
      response: { RequestId: 'string', SecretName: 'string' },
    },
    UpdateSecretRotationPolicy: {
      source,
      request: { EnableAutomaticRotation: 'boolean!', RotationInterval: 'string', SecretName: 'string!' },
      response: { RequestId: 'string', SecretName: 'string' },
    },
    UpdateSecretVersionStage: {
      source,
      request: { MoveToVersion: 'string', RemoveFromVersion: 'string', SecretName: 'string!', VersionStage: 'string!' },
      response: { RequestId: 'string', SecretName: 'string' },
    },
  },
}
