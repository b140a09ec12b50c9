// Describes regions, then makes, finds and deletes a VPC, with the official Go SDKs and their configuration for the
// vendor's cloud: a region and a key, no address of ours. Prints one line of JSON.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	openapiutil "github.com/alibabacloud-go/darabonba-openapi/v2/utils"
	"github.com/alibabacloud-go/tea/dara"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
)

// call makes one call and decodes its answer into the value.
type call func(product, version, action string, parameters map[string]string, answer any) error

type report struct {
	Regions []string
	Name    string
	Left    int
}

func main() {
	region := os.Getenv("ALIBABA_CLOUD_REGION_ID")
	id, secret := os.Getenv("ALIBABA_CLOUD_ACCESS_KEY_ID"), os.Getenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET")
	reports := map[string]report{}
	for name, open := range map[string]func(region, id, secret string) (call, error){
		"alibaba-cloud-sdk-go": openOlder,
		"darabonba-openapi":    openNewer,
	} {
		call, err := open(region, id, secret)
		if err == nil {
			reports[name], err = tour(call)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, name, err)
			os.Exit(1)
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(reports); err != nil {
		panic(err)
	}
}

// openOlder looks up addresses by itself and signs by the older scheme.
func openOlder(region, id, secret string) (call, error) {
	client, err := sdk.NewClientWithAccessKey(region, id, secret)
	if err != nil {
		return nil, err
	}
	return func(product, version, action string, parameters map[string]string, answer any) error {
		request := requests.NewCommonRequest()
		request.Scheme = "https"
		request.Product, request.Version, request.ApiName = product, version, action
		for name, value := range parameters {
			request.QueryParams[name] = value
		}
		response, err := client.ProcessCommonRequest(request)
		if err != nil {
			return err
		}
		return json.Unmarshal(response.GetHttpContentBytes(), answer)
	}, nil
}

// openNewer signs by the newer scheme, at the address that the SDK's packages of products have for the region.
func openNewer(region, id, secret string) (call, error) {
	return func(product, version, action string, parameters map[string]string, answer any) error {
		client, err := openapi.NewClient(&openapi.Config{
			AccessKeyId:     &id,
			AccessKeySecret: &secret,
			RegionId:        &region,
			Endpoint:        dara.String(product + "." + region + ".aliyuncs.com"),
		})
		if err != nil {
			return err
		}
		query := map[string]*string{"RegionId": &region}
		for name, value := range parameters {
			query[name] = dara.String(value)
		}
		response, err := client.CallApi(&openapiutil.Params{
			Action:      &action,
			Version:     &version,
			Protocol:    dara.String("HTTPS"),
			Method:      dara.String("POST"),
			AuthType:    dara.String("AK"),
			Style:       dara.String("RPC"),
			Pathname:    dara.String("/"),
			ReqBodyType: dara.String("formData"),
			BodyType:    dara.String("json"),
		}, &openapiutil.OpenApiRequest{Query: query}, &dara.RuntimeOptions{})
		if err != nil {
			return err
		}
		text, err := json.Marshal(response["body"])
		if err != nil {
			return err
		}
		return json.Unmarshal(text, answer)
	}, nil
}

func tour(call call) (report, error) {
	var found report
	var regions struct {
		Regions struct{ Region []struct{ RegionId string } }
	}
	if err := call("ecs", "2014-05-26", "DescribeRegions", nil, &regions); err != nil {
		return found, err
	}
	for _, one := range regions.Regions.Region {
		found.Regions = append(found.Regions, one.RegionId)
	}

	const version = "2016-04-28"
	var made struct{ VpcId string }
	wanted := map[string]string{"CidrBlock": "192.168.0.0/16", "VpcName": "from-go"}
	if err := call("vpc", version, "CreateVpc", wanted, &made); err != nil {
		return found, err
	}
	type list struct {
		Vpcs struct {
			Vpc []struct{ VpcName, Status string }
		}
	}
	which := map[string]string{"VpcId": made.VpcId}
	for deadline := time.Now().Add(20 * time.Second); found.Name == ""; time.Sleep(50 * time.Millisecond) {
		var now list
		if err := call("vpc", version, "DescribeVpcs", which, &now); err != nil {
			return found, err
		}
		if len(now.Vpcs.Vpc) == 1 && now.Vpcs.Vpc[0].Status == "Available" {
			found.Name = now.Vpcs.Vpc[0].VpcName
		} else if time.Now().After(deadline) {
			return found, fmt.Errorf("%s does not become available", made.VpcId)
		}
	}
	if err := call("vpc", version, "DeleteVpc", which, &struct{}{}); err != nil {
		return found, err
	}
	var left list
	err := call("vpc", version, "DescribeVpcs", which, &left)
	found.Left = len(left.Vpcs.Vpc)
	return found, err
}
