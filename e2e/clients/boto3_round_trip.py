"""Uses an S3 bucket as programs do, with boto3 configured by its environment, and prints what it saw."""

import json
import sys
import urllib.request

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint, bucket, style, large_file = sys.argv[1:]
s3 = boto3.client("s3", endpoint_url=endpoint, config=Config(s3={"addressing_style": style}))
MIB = 1024 * 1024
seen = {}

s3.create_bucket(Bucket=bucket)
seen["buckets"] = bucket in [one["Name"] for one in s3.list_buckets()["Buckets"]]

s3.put_object(
    Bucket=bucket, Key="told/é +&?.txt", Body=b"0123456789", ContentType="text/x", Metadata={"author": "someone"}
)
got = s3.get_object(Bucket=bucket, Key="told/é +&?.txt")
seen["metadata"] = [got["Body"].read().decode(), got["ContentType"], got["Metadata"]]
seen["range"] = s3.get_object(Bucket=bucket, Key="told/é +&?.txt", Range="bytes=2-4")["Body"].read().decode()

s3.upload_file(large_file, bucket, "large", Config=TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB))
head = s3.head_object(Bucket=bucket, Key="large")
seen["multipart"] = [head["ContentLength"], head["ETag"].rsplit("-")[-1]]
s3.download_file(bucket, "large", large_file + ".back")
seen["same"] = open(large_file, "rb").read() == open(large_file + ".back", "rb").read()
s3.copy({"Bucket": bucket, "Key": "large"}, bucket, "copied", Config=TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB))
seen["copied"] = s3.head_object(Bucket=bucket, Key="copied")["ContentLength"]

for number in range(25):
    s3.put_object(Bucket=bucket, Key=f"many/{number:03}\u0001", Body=b"")
pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="many/", PaginationConfig={"PageSize": 7})
seen["many"] = [key for page in pages for key in (one["Key"] for one in page["Contents"])] == [
    f"many/{number:03}\u0001" for number in range(25)
]
s3.put_object_acl(Bucket=bucket, Key="copied", ACL="public-read")
acl = s3.get_object_acl(Bucket=bucket, Key="copied")
seen["acl"] = [one["Permission"] for one in acl["Grants"]]
s3.put_object_acl(Bucket=bucket, Key="copied", AccessControlPolicy={"Grants": acl["Grants"][:1], "Owner": acl["Owner"]})
seen["private"] = [one["Permission"] for one in s3.get_object_acl(Bucket=bucket, Key="copied")["Grants"]]
folders = s3.list_objects_v2(Bucket=bucket, Delimiter="/")
seen["folders"] = [one["Prefix"] for one in folders["CommonPrefixes"]]

url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "told/é +&?.txt"}, ExpiresIn=60)
seen["presigned"] = urllib.request.urlopen(url).read().decode()

s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
first = s3.put_object(Bucket=bucket, Key="versioned", Body=b"1")["VersionId"]
s3.put_object(Bucket=bucket, Key="versioned", Body=b"2")
s3.delete_object(Bucket=bucket, Key="versioned")
seen["version"] = s3.get_object(Bucket=bucket, Key="versioned", VersionId=first)["Body"].read().decode()
try:
    s3.get_object(Bucket=bucket, Key="versioned")
except ClientError as error:
    seen["deleted"] = error.response["Error"]["Code"]

while True:
    page = s3.list_object_versions(Bucket=bucket)
    found = page.get("Versions", []) + page.get("DeleteMarkers", [])
    if not found:
        break
    objects = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]
    s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
s3.delete_bucket(Bucket=bucket)
print(json.dumps(seen))
