"""Describes regions, then makes, finds and deletes a VPC, with the official SDKs as their users write it.

Arguments: region, then optionally protocol and endpoint; without these the SDKs choose as they do for the vendor's
cloud. Keys come from the environment. Prints one line of JSON.
"""

import json
import sys
import time

from alibabacloud_credentials.client import Client as Credentials
from alibabacloud_ecs20140526 import models as ecs_models
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_tea_openapi.models import Config
from alibabacloud_vpc20160428 import models as vpc_models
from alibabacloud_vpc20160428.client import Client as Vpc

region = sys.argv[1]
place = {"protocol": sys.argv[2], "endpoint": sys.argv[3]} if len(sys.argv) > 2 else {}


def config():
    return Config(credential=Credentials(), region_id=region, **place)


ecs = Ecs(config())
vpc = Vpc(config())

regions = ecs.describe_regions(ecs_models.DescribeRegionsRequest(accept_language="en-US")).body.regions.region

made = vpc.create_vpc(vpc_models.CreateVpcRequest(region_id=region, cidr_block="172.16.0.0/12", vpc_name="from-python"))
vpc_id = made.body.vpc_id


def find():
    request = vpc_models.DescribeVpcsRequest(region_id=region, vpc_id=vpc_id)
    return vpc.describe_vpcs(request).body.vpcs.vpc


deadline = time.monotonic() + 20
while find()[0].status != "Available":
    if time.monotonic() > deadline:
        raise TimeoutError(f"{vpc_id} is {find()[0].status}")
    time.sleep(0.05)
found = find()[0]

try:
    vpc.create_vpc(vpc_models.CreateVpcRequest(region_id=region, cidr_block="nonsense"))
    code = None
except Exception as error:
    code = getattr(error, "code", repr(error))

vpc.delete_vpc(vpc_models.DeleteVpcRequest(region_id=region, vpc_id=vpc_id))

print(
    json.dumps(
        {
            "regions": {one.region_id: one.local_name for one in regions},
            "found": {"name": found.vpc_name, "cidr": found.cidr_block, "region": found.region_id},
            "code": code,
            "left": len(find()),
        }
    )
)
