"""Uses a bucket as programs do, with the official SDK for Python and its configuration for the vendor's cloud."""

import json
import os
import sys
import urllib.request

import oss2

version, bucket_name, large_file = sys.argv[1:]
keys = [os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"], os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"]]
auth = {"v1": oss2.Auth, "v2": oss2.AuthV2, "v4": oss2.AuthV4}[version](*keys)
bucket = oss2.Bucket(auth, "https://oss-cn-hangzhou.aliyuncs.com", bucket_name, region="cn-hangzhou")
seen = {}

bucket.create_bucket()
key = "told/é +&?.txt"
bucket.put_object(key, b"0123456789", headers={"Content-Type": "text/x", "x-oss-meta-author": "someone"})
got = bucket.get_object(key)
seen["metadata"] = [got.read().decode(), got.content_type, got.headers["x-oss-meta-author"]]
seen["range"] = bucket.get_object(key, byte_range=(2, 4)).read().decode()

MIB = 1024 * 1024
options = {"part_size": 5 * MIB, "num_threads": 3}
oss2.resumable_upload(bucket, "large", large_file, multipart_threshold=MIB, **options)
head = bucket.head_object("large")
seen["multipart"] = [head.content_length, head.object_type]
oss2.resumable_download(bucket, "large", large_file + ".back", multiget_threshold=MIB, **options)
seen["same"] = open(large_file, "rb").read() == open(large_file + ".back", "rb").read()
bucket.copy_object(bucket_name, "large", "copied")
seen["copied"] = bucket.head_object("copied").server_crc == head.server_crc

first = bucket.append_object("log", 0, b"one ")
bucket.append_object("log", first.next_position, b"two")
seen["appended"] = bucket.get_object("log").read().decode()

many = [f"many/{number:03}" for number in range(25)]
for name in many:
    bucket.put_object(name, b"")
seen["many"] = [one.key for one in oss2.ObjectIteratorV2(bucket, prefix="many/", max_keys=7)] == many
seen["folders"] = bucket.list_objects(delimiter="/").prefix_list
seen["presigned"] = urllib.request.urlopen(bucket.sign_url("GET", key, 60, slash_safe=True)).read().decode()

bucket.batch_delete_objects(many + [key, "large", "copied", "log"])
seen["left"] = [one.key for one in bucket.list_objects().object_list]
bucket.delete_bucket()
print(json.dumps(seen))
