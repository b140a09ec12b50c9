/**
 * What every operation that changes something does to data, by product:
 * - `placing`: new data of a customer comes to lie in a region; the gate is asked before it runs
 * - `moving`: data of one region comes to lie, or to be seen, in another; the operation, or who does its work later,
 *   asks the gate itself
 * - `neither`: it changes, names or removes what lies there already, or concerns no region's data
 *
 * Operations that only read change nothing, and are `neither` unless they are listed here.
 */
export interface OperationClasses {
  readonly placing: string
  readonly moving: string
  readonly neither: string
}

export const classesOfOperations: Readonly<Record<string, OperationClasses>> = {
  Actiontrail: {
    placing: '',
    // Delivery to a bucket of another region.
    moving: 'CreateTrail UpdateTrail StartLogging',
    neither: 'DeleteDataEventSelector DeleteTrail PutDataEventSelector StopLogging',
  },
  Ecs: {
    placing:
      'AddTags CreateCommand CreateDisk CreateInstance CreateKeyPair CreateNetworkInterface CreateSecurityGroup ImportKeyPair ' +
      'InvokeCommand ModifyInstanceAttribute RunCommand RunInstances TagResources',
    moving: '',
    neither:
      'AssignPrivateIpAddresses AttachDisk AttachInstanceRamRole AttachKeyPair AttachNetworkInterface ' +
      'AuthorizeSecurityGroup AuthorizeSecurityGroupEgress ' +
      'DeleteCommand DeleteDisk DeleteInstance DeleteInstances DeleteKeyPairs DeleteNetworkInterface DeleteSecurityGroup ' +
      'DetachDisk DetachInstanceRamRole DetachKeyPair DetachNetworkInterface JoinSecurityGroup LeaveSecurityGroup ' +
      'ModifyDiskAttribute ModifyDiskSpec ReInitDisk ' +
      'ModifyInstanceAutoReleaseTime ModifyInstanceMetadataOptions ModifyInstanceSpec ' +
      'ModifyNetworkInterfaceAttribute ModifySecurityGroupAttribute ModifySecurityGroupEgressRule ' +
      'ModifySecurityGroupPolicy ModifySecurityGroupRule RebootInstance RebootInstances RemoveTags ResizeDisk ' +
      'RevokeSecurityGroup RevokeSecurityGroupEgress StartInstance StartInstances StopInstance StopInstances ' +
      'StopInvocation UnassignPrivateIpAddresses UntagResources',
  },
  Ims: {
    placing: '',
    moving: '',
    // Identities belong to no region.
    neither:
      'AddClientIdToOIDCProvider AddFingerprintToOIDCProvider AddUserToGroup BindMFADevice CreateAccessKey CreateGroup ' +
      'CreateLoginProfile CreateOIDCProvider CreateSAMLProvider CreateUser CreateVirtualMFADevice DeleteAccessKey ' +
      'DeleteGroup DeleteLoginProfile DeleteOIDCProvider DeleteSAMLProvider DeleteUser DeleteVirtualMFADevice ' +
      'RemoveClientIdFromOIDCProvider RemoveFingerprintFromOIDCProvider RemoveUserFromGroup SetSecurityPreference ' +
      'UnbindMFADevice UpdateAccessKey UpdateGroup UpdateLoginProfile UpdateOIDCProvider UpdateSAMLProvider UpdateUser',
  },
  Kms: {
    placing: 'CreateKey CreateKeyVersion CreateSecret ImportKeyMaterial PutSecretValue',
    moving: '',
    neither:
      'CancelKeyDeletion CreateAlias DeleteAlias DeleteKeyMaterial DeleteSecret DisableKey EnableKey RestoreSecret ' +
      'RotateSecret ScheduleKeyDeletion SetDeletionProtection SetKeyPolicy TagResource TagResources UntagResource ' +
      'UntagResources UpdateAlias UpdateKeyDescription UpdateRotationPolicy UpdateSecret UpdateSecretVersionStage',
  },
  Operators: {
    placing: '',
    // Looking from abroad is a transfer.
    moving: 'OpenEmergencySession RequestEmergencyAccess',
    neither:
      'ApproveEmergencyAccess CreateCustomer RegisterWebsiteFiling RejectEmergencyAccess RemoveWebsiteFiling ' +
      'RevokeEmergencyAccess SetCustomerIdentity',
  },
  Oss: {
    placing:
      'AppendObject CompleteMultipartUpload CopyObject InitiateMultipartUpload PostObject ProcessObject ' +
      'PutAsyncFetchTask PutBucket PutObject PutSymlink UploadPart UploadPartCopy',
    moving: 'PutBucketReplication',
    neither:
      'AbortBucketWorm AbortMultipartUpload CleanRestoredObject CompleteBucketWorm DeleteBucket DeleteBucketCors ' +
      'DeleteBucketEncryption DeleteBucketLifecycle DeleteBucketLogging DeleteBucketPolicy ' +
      'DeleteBucketPublicAccessBlock DeleteBucketReplication DeleteBucketTags DeleteBucketWebsite ' +
      'DeleteMultipleObjects DeleteObject DeleteObjectTagging DeleteStyle DeleteUserDefinedLogFieldsConfig ' +
      'ExtendBucketWorm InitiateBucketWorm OptionBucket OptionObject PutBucketAccessMonitor PutBucketAcl ' +
      'PutBucketArchiveDirectRead ' +
      'PutBucketCors PutBucketEncryption PutBucketHttpsConfig PutBucketLifecycle PutBucketLogging PutBucketPolicy ' +
      'PutBucketPublicAccessBlock PutBucketReferer PutBucketRequestPayment PutBucketResourceGroup PutBucketRtc ' +
      'PutBucketTags PutBucketTransferAcceleration PutBucketVersioning PutBucketWebsite PutObjectAcl ' +
      'PutObjectTagging PutStyle PutUserDefinedLogFieldsConfig RestoreObject PutBucketInventory ' +
      'DeleteBucketInventory PutPublicAccessBlock DeletePublicAccessBlock PutCname DeleteCname CreateCnameToken ' +
      'SealAppendObject SelectObject CreateSelectObjectMeta PutBucketCallbackPolicy DeleteBucketCallbackPolicy ' +
      'PutBucketQosInfo DeleteBucketQosInfo PutBucketRequesterQosInfo DeleteBucketRequesterQosInfo',
  },
  Ram: {
    placing: '',
    moving: '',
    // Identities belong to no region.
    neither:
      'AddUserToGroup AttachPolicyToGroup AttachPolicyToRole AttachPolicyToUser BindMFADevice ClearAccountAlias ' +
      'CreateAccessKey CreateGroup CreateLoginProfile CreatePolicy CreatePolicyVersion CreateRole CreateUser ' +
      'CreateVirtualMFADevice DeleteAccessKey DeleteGroup DeleteLoginProfile DeletePolicy DeletePolicyVersion ' +
      'DeleteRole DeleteUser DeleteVirtualMFADevice DetachPolicyFromGroup DetachPolicyFromRole DetachPolicyFromUser ' +
      'RemoveUserFromGroup SetAccountAlias SetDefaultPolicyVersion SetSecurityPreference TagResources UnbindMFADevice ' +
      'UntagResources UpdateAccessKey UpdateGroup UpdateLoginProfile UpdatePolicyDescription UpdateRole UpdateUser',
  },
  Residency: {
    placing: '',
    moving: '',
    neither: 'DeleteResidencyPolicy SetResidencyFacts SetResidencyPolicy TagDataClasses UntagDataClasses',
  },
  Vpc: {
    placing: 'CreateDefaultVSwitch CreateDefaultVpc CreateRouteTable CreateVSwitch CreateVpc',
    moving: '',
    neither:
      'AssociateRouteTable AssociateVpcCidrBlock CreateRouteEntry DeleteRouteEntry DeleteRouteTable DeleteVSwitch ' +
      'DeleteVpc ModifyRouteEntry ModifyRouteTableAttributes ModifyVSwitchAttribute ModifyVpcAttribute ' +
      'MoveResourceGroup TagResources UnTagResources UnassociateRouteTable UnassociateVpcCidrBlock',
  },
}
