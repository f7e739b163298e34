package local_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	s3controltypes "github.com/aws/aws-sdk-go-v2/service/s3control/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheServerSpeaksHTTPAsSDKsNeedIt(t *testing.T) {
	t.Parallel()
	endpoint := ensure(t, newManager(t)).Endpoint
	t.Run("connections stay open", func(t *testing.T) {
		reused := 0
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(c httptrace.GotConnInfo) {
			if c.Reused {
				reused++
			}
		}})
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodGet} {
			req, err := http.NewRequestWithContext(ctx, method, endpoint+"/moto-api/config", nil)
			require.NoError(t, err)
			resp, err := http.DefaultClient.Do(req)
			require.NoError(t, err)
			_, err = io.Copy(io.Discard, resp.Body)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
		}
		assert.Equal(t, 2, reused)
	})
	t.Run("a large object arrives whole", func(t *testing.T) {
		client := s3.New(s3.Options{
			Region: "us-east-1", BaseEndpoint: &endpoint, UsePathStyle: true,
			Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		})
		_, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("large")})
		require.NoError(t, err)
		data := bytes.Repeat([]byte("0123456789abcdef"), 3<<16) // the SDK asks to continue from 2 MiB on
		_, err = client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("large"), Key: aws.String("o"), Body: bytes.NewReader(data)})
		require.NoError(t, err)
		got, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("large"), Key: aws.String("o")})
		require.NoError(t, err)
		defer got.Body.Close()
		stored, err := io.ReadAll(got.Body)
		require.NoError(t, err)
		assert.True(t, bytes.Equal(data, stored))
	})
	t.Run("half a request does nothing", func(t *testing.T) {
		a := newAccount(t.Context(), endpoint)
		count := func() int {
			out, err := a.ec2.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{})
			require.NoError(t, err)
			return len(out.Vpcs)
		}
		before := count()
		conn, err := net.Dial("tcp", strings.TrimPrefix(endpoint, "http://"))
		require.NoError(t, err)
		body := "Action=CreateVpc&Version=2016-11-15&CidrBlock=10.9.0.0%2F16"
		_, err = fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nAuthorization: AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/ec2/aws4_request\r\n"+
			"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", len(body)+40, body)
		require.NoError(t, err)
		require.NoError(t, conn.(*net.TCPConn).CloseWrite())
		_, err = io.Copy(io.Discard, conn) // until the server is done with it
		require.NoError(t, err)
		require.NoError(t, conn.Close())
		assert.Equal(t, before, count())
	})
	t.Run("it is the proxy for host names that resolve nowhere", func(t *testing.T) {
		// S3 Control puts the account before the host: 123456789012.127.0.0.1.
		proxy, err := url.Parse(endpoint)
		require.NoError(t, err)
		client := s3control.New(s3control.Options{
			Region: "us-east-1", BaseEndpoint: &endpoint,
			Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
			HTTPClient:  &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxy)}},
		})
		account := aws.String("123456789012")
		all := &s3controltypes.PublicAccessBlockConfiguration{
			BlockPublicAcls: aws.Bool(true), BlockPublicPolicy: aws.Bool(true), IgnorePublicAcls: aws.Bool(true), RestrictPublicBuckets: aws.Bool(false),
		}
		_, err = client.PutPublicAccessBlock(t.Context(), &s3control.PutPublicAccessBlockInput{AccountId: account, PublicAccessBlockConfiguration: all})
		require.NoError(t, err)
		got, err := client.GetPublicAccessBlock(t.Context(), &s3control.GetPublicAccessBlockInput{AccountId: account})
		require.NoError(t, err)
		assert.Equal(t, all, got.PublicAccessBlockConfiguration)
		_, err = client.DeletePublicAccessBlock(t.Context(), &s3control.DeletePublicAccessBlockInput{AccountId: account})
		require.NoError(t, err)
		_, err = client.GetPublicAccessBlock(t.Context(), &s3control.GetPublicAccessBlockInput{AccountId: account})
		assert.ErrorContains(t, err, "NoSuchPublicAccessBlockConfiguration")
	})
	t.Run("a service that it does not emulate says so", func(t *testing.T) {
		client := accessanalyzer.New(accessanalyzer.Options{
			Region: "us-east-1", BaseEndpoint: &endpoint, Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		})
		// More often than a pipe that nobody reads has room for what moto prints each time.
		for range 500 {
			_, err := client.ListAnalyzers(t.Context(), &accessanalyzer.ListAnalyzersInput{})
			var answer *smithyhttp.ResponseError
			require.ErrorAs(t, err, &answer)
			require.Equal(t, http.StatusNotImplemented, answer.HTTPStatusCode())
			require.ErrorContains(t, err, "NotImplemented: The local AWS does not emulate this service.")
		}
	})
}
