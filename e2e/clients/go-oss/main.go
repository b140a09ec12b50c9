// Uses buckets as programs do, with both official SDKs for Go and their configuration for the vendor's cloud, and
// prints what it saw. They look for no proxy unless they are told to.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"

	v2 "github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/credentials"
	v1 "github.com/aliyun/aliyun-oss-go-sdk/oss"
)

type seen struct {
	Metadata  []string
	Range     string
	Multipart int64
	Same      bool
	Appended  string
	Many      int
	Presigned string
	Missing   string
	Left      int
}

const key = "told/é +&?.txt"

var (
	id        = os.Getenv("ALIBABA_CLOUD_ACCESS_KEY_ID")
	secret    = os.Getenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET")
	largeFile = os.Args[1]
)

func main() {
	out := map[string]seen{
		"aliyun-oss-go-sdk v1":          older("go-older-v1", v1.AuthVersion(v1.AuthV1)),
		"aliyun-oss-go-sdk v2":          older("go-older-v2", v1.AuthVersion(v1.AuthV2)),
		"aliyun-oss-go-sdk v4":          older("go-older-v4", v1.AuthVersion(v1.AuthV4), v1.Region("cn-hangzhou")),
		"alibabacloud-oss-go-sdk-v2 v1": newer("go-newer-v1", v2.SignatureVersionV1),
		"alibabacloud-oss-go-sdk-v2 v4": newer("go-newer-v4", v2.SignatureVersionV4),
	}
	must(json.NewEncoder(os.Stdout).Encode(out))
}

func older(name string, options ...v1.ClientOption) seen {
	client := need(v1.New("https://oss-cn-hangzhou.aliyuncs.com", id, secret, append(options, v1.Proxy(os.Getenv("HTTPS_PROXY")), v1.AdditionalHeaders([]string{"range"}))...))
	must(client.CreateBucket(name))
	bucket := need(client.Bucket(name))
	result := seen{}
	must(bucket.PutObject(key, bytes.NewReader([]byte("0123456789")), v1.ContentType("text/x"), v1.Meta("author", "someone")))
	meta := need(bucket.GetObjectDetailedMeta(key))
	result.Metadata = []string{meta.Get("Content-Type"), meta.Get("X-Oss-Meta-Author")}
	result.Range = text(need(bucket.GetObject(key, v1.Range(2, 4))))
	must(bucket.UploadFile("large", largeFile, 5<<20, v1.Routines(3)))
	must(bucket.DownloadFile("large", largeFile+name, 5<<20, v1.Routines(3)))
	result.Multipart, result.Same = compare(largeFile + name)
	next := need(bucket.AppendObject("log", bytes.NewReader([]byte("one ")), 0))
	need(bucket.AppendObject("log", bytes.NewReader([]byte("two")), next))
	result.Appended = text(need(bucket.GetObject("log")))
	keys := []string{key, "large", "log"}
	for number := range 25 {
		many := fmt.Sprintf("many/%03d", number)
		must(bucket.PutObject(many, bytes.NewReader(nil)))
		keys = append(keys, many)
	}
	for token := ""; ; {
		page := need(bucket.ListObjectsV2(v1.Prefix("many/"), v1.MaxKeys(7), v1.ContinuationToken(token)))
		result.Many += len(page.Objects)
		if token = page.NextContinuationToken; !page.IsTruncated {
			break
		}
	}
	result.Presigned = fetch(need(bucket.SignURL(key, v1.HTTPGet, 60)))
	_, err := bucket.GetObject("absent")
	result.Missing = err.(v1.ServiceError).Code
	need(bucket.DeleteObjects(keys))
	result.Left = len(need(bucket.ListObjects()).Objects)
	must(client.DeleteBucket(name))
	return result
}

func newer(name string, version v2.SignatureVersionType) seen {
	ctx := context.Background()
	config := v2.LoadDefaultConfig().WithRegion("cn-hangzhou").WithSignatureVersion(version).WithProxyFromEnvironment(true).
		WithCredentialsProvider(credentials.NewStaticCredentialsProvider(id, secret))
	client := v2.NewClient(config)
	bucket := v2.Ptr(name)
	need(client.PutBucket(ctx, &v2.PutBucketRequest{Bucket: bucket}))
	result := seen{}
	need(client.PutObject(ctx, &v2.PutObjectRequest{
		Bucket: bucket, Key: v2.Ptr(key), Body: bytes.NewReader([]byte("0123456789")),
		ContentType: v2.Ptr("text/x"), Metadata: map[string]string{"author": "someone"},
	}))
	head := need(client.HeadObject(ctx, &v2.HeadObjectRequest{Bucket: bucket, Key: v2.Ptr(key)}))
	result.Metadata = []string{*head.ContentType, head.Metadata["author"]}
	part := need(client.GetObject(ctx, &v2.GetObjectRequest{Bucket: bucket, Key: v2.Ptr(key), Range: v2.Ptr("bytes=2-4")}))
	result.Range = text(part.Body)
	parts := func(options *v2.UploaderOptions) { options.PartSize = 5 << 20 }
	need(v2.NewUploader(client, parts).UploadFile(ctx, &v2.PutObjectRequest{Bucket: bucket, Key: v2.Ptr("large")}, largeFile))
	need(v2.NewDownloader(client).DownloadFile(ctx, &v2.GetObjectRequest{Bucket: bucket, Key: v2.Ptr("large")}, largeFile+name))
	result.Multipart, result.Same = compare(largeFile + name)
	log := need(client.AppendFile(ctx, name, "log"))
	need(log.Write([]byte("one ")))
	need(log.Write([]byte("two")))
	must(log.Close())
	result.Appended = text(need(client.GetObject(ctx, &v2.GetObjectRequest{Bucket: bucket, Key: v2.Ptr("log")})).Body)
	objects := []v2.DeleteObject{{Key: v2.Ptr(key)}, {Key: v2.Ptr("large")}, {Key: v2.Ptr("log")}}
	for number := range 25 {
		many := v2.Ptr(fmt.Sprintf("many/%03d", number))
		need(client.PutObject(ctx, &v2.PutObjectRequest{Bucket: bucket, Key: many}))
		objects = append(objects, v2.DeleteObject{Key: many})
	}
	pages := client.NewListObjectsV2Paginator(&v2.ListObjectsV2Request{Bucket: bucket, Prefix: v2.Ptr("many/"), MaxKeys: 7})
	for pages.HasNext() {
		result.Many += len(need(pages.NextPage(ctx)).Contents)
	}
	result.Presigned = fetch(need(client.Presign(ctx, &v2.GetObjectRequest{Bucket: bucket, Key: v2.Ptr(key)})).URL)
	_, err := client.GetObject(ctx, &v2.GetObjectRequest{Bucket: bucket, Key: v2.Ptr("absent")})
	result.Missing = codeOf(err)
	need(client.DeleteMultipleObjects(ctx, &v2.DeleteMultipleObjectsRequest{Bucket: bucket, Objects: objects}))
	result.Left = len(need(client.ListObjectsV2(ctx, &v2.ListObjectsV2Request{Bucket: bucket})).Contents)
	need(client.DeleteBucket(ctx, &v2.DeleteBucketRequest{Bucket: bucket}))
	return result
}

func codeOf(err error) string {
	for ; err != nil; err = unwrap(err) {
		if service, ok := err.(*v2.ServiceError); ok {
			return service.Code
		}
	}
	return ""
}

func unwrap(err error) error {
	if wrapped, ok := err.(interface{ Unwrap() error }); ok {
		return wrapped.Unwrap()
	}
	return nil
}

func compare(file string) (int64, bool) {
	sent, got := need(os.ReadFile(largeFile)), need(os.ReadFile(file))
	return int64(len(got)), bytes.Equal(sent, got)
}

func fetch(url string) string {
	return text(need(http.Get(url)).Body)
}

func text(body io.ReadCloser) string {
	defer body.Close()
	return string(need(io.ReadAll(body)))
}

func need[T any](value T, err error) T {
	must(err)
	return value
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
