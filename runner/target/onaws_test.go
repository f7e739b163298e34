package target

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// cloud answers in AWS's place: no request leaves the test.
type cloud struct {
	sts, iam func() (int, string)
	hosts    []string
}

func (c *cloud) Do(r *http.Request) (*http.Response, error) {
	c.hosts = append(c.hosts, r.URL.Host)
	answer := c.sts
	if strings.HasPrefix(r.URL.Host, "iam.") {
		answer = c.iam
	}
	code, body := answer()
	if code == 0 {
		return nil, &net.OpError{Op: "dial", Err: errors.New("no route to host")}
	}
	return &http.Response{StatusCode: code, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

func says(code int, body string) func() (int, string) {
	return func() (int, string) { return code, body }
}

func caller(arn string) func() (int, string) {
	return says(200, `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account><Arn>`+arn+`</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`)
}

func failure(code string) func() (int, string) {
	return says(403, `<ErrorResponse><Error><Code>`+code+`</Code><Message>no</Message></Error></ErrorResponse>`)
}

var sandbox = says(200, `<ListAccountAliasesResponse><ListAccountAliasesResult><AccountAliases><member>sandbox</member></AccountAliases></ListAccountAliasesResult></ListAccountAliasesResponse>`)

// loads is a Loader over the cloud, with credentials and a region unless they are changed.
func loads(c *cloud, change ...func(*aws.Config)) Loader {
	return func(_ context.Context, options ...func(*config.LoadOptions) error) (aws.Config, error) {
		var o config.LoadOptions
		for _, option := range options {
			if err := option(&o); err != nil {
				return aws.Config{}, err
			}
		}
		cfg := aws.Config{
			Region: o.Region, HTTPClient: c, Credentials: credentials.NewStaticCredentialsProvider("AKIAREAL", "secret", ""),
			Retryer: func() aws.Retryer { return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts = 1 }) },
		}
		for _, f := range change {
			f(&cfg)
		}
		return cfg, nil
	}
}

func TestOnAWSLabctlSaysWhoItIs(t *testing.T) {
	c := &cloud{sts: caller("arn:aws:iam::111122223333:user/ann"), iam: sandbox}
	got, err := Resolver{LoadAWS: loads(c)}.Start(t.Context(), Place{Name: AWS, Region: "eu-west-1", Profile: "lab"})
	require.NoError(t, err)
	assert.Equal(t, "111122223333", got.Account)
	assert.Equal(t, "eu-west-1", got.Region)
	assert.Equal(t, "lab", got.Profile)
	assert.Equal(t, &Identity{ARN: "arn:aws:iam::111122223333:user/ann", Alias: "sandbox"}, got.Identity)
	assert.True(t, got.Guarded())
	assert.False(t, got.Free)
	assert.Empty(t, got.Endpoint, "Terraform's configuration is bound to no endpoint")
	assert.True(t, got.Support["subnet-ipv6"].Shown)
	assert.False(t, got.Support["subnet-ipv6"].Simulated)
	assert.Equal(t, []string{"sts.eu-west-1.amazonaws.com", "iam.amazonaws.com"}, c.hosts)
}

func TestAnAliasThatMayNotBeReadIsNoTrouble(t *testing.T) {
	c := &cloud{sts: caller("arn:aws:iam::111122223333:root"), iam: failure("AccessDenied")}
	got, err := Resolver{LoadAWS: loads(c)}.Start(t.Context(), Place{Name: AWS, Region: "us-east-1"})
	require.NoError(t, err)
	assert.Empty(t, got.Identity.Alias)
	assert.True(t, got.Identity.Root)
}

func TestWhatIsWrongWithAWSIsSaidInOneLineWithANextStep(t *testing.T) {
	at := Place{Name: AWS, Region: "eu-south-1", Profile: "lab"}
	fine := &cloud{sts: caller("arn"), iam: sandbox}
	noCredentials := func(err error) func(*aws.Config) {
		return func(cfg *aws.Config) {
			cfg.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return aws.Credentials{}, err })
		}
	}
	for name, c := range map[string]struct {
		load         Loader
		place        Place
		reason, next string
	}{
		"no region":         {loads(fine), Place{Name: AWS}, "no AWS region is set", "--region"},
		"a strange region":  {loads(fine, func(cfg *aws.Config) { cfg.Region = "mars-1" }), Place{Name: AWS}, `does not know region "mars-1"`, "--region"},
		"expired":           {loads(&cloud{sts: failure("ExpiredToken")}), at, "credentials have expired", "aws sso login --profile lab"},
		"no such key":       {loads(&cloud{sts: failure("InvalidClientTokenId")}), at, "does not accept the credentials in region eu-south-1", "region eu-south-1 enabled"},
		"a disabled region": {loads(&cloud{sts: failure("RegionDisabledException")}), at, "region eu-south-1 is not enabled", "another with --region"},
		"denied":            {loads(&cloud{sts: failure("AccessDenied")}), at, "AccessDenied: no", "get-caller-identity --profile lab"},
		"no network":        {loads(&cloud{sts: says(0, "")}), at, "cannot be reached in region eu-south-1: no route to host", "check the network"},
		"no credentials":    {loads(fine, noCredentials(errors.New("no EC2 IMDS role found"))), at, "no AWS credentials that can be used (profile lab): no EC2 IMDS role found", "--target local, which needs none"},
		"an SSO session":    {loads(fine, noCredentials(&ssocreds.InvalidTokenError{})), at, "SSO session has expired", "aws sso login --profile lab"},
		"no such profile": {
			func(context.Context, ...func(*config.LoadOptions) error) (aws.Config, error) {
				return aws.Config{}, config.SharedConfigProfileNotExistError{Profile: "lab"}
			}, at, `there is no AWS profile "lab"`, "list-profiles",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Resolver{LoadAWS: c.load}.Start(t.Context(), c.place)
			var unusable *UnusableError
			require.ErrorAs(t, err, &unusable)
			assert.Contains(t, err.Error(), c.reason)
			assert.NotContains(t, err.Error(), "\n")
			assert.Contains(t, unusable.Next, c.next)
		})
	}
}

func TestSettingsThatLeadElsewhereThanAWSAreRefusedAndNotIgnored(t *testing.T) {
	refuse := func(t *testing.T, r Resolver, place Place, reason string) {
		t.Helper()
		_, err := r.Start(t.Context(), place)
		var refused *RefusedError
		require.ErrorAs(t, err, &refused)
		assert.Contains(t, refused.Reason, reason)
		assert.NotEmpty(t, refused.Next)
	}
	asked := &cloud{sts: caller("arn"), iam: sandbox}
	at := Place{Name: AWS, Region: "us-east-1"}
	refuse(t, Resolver{LoadAWS: loads(asked), Environ: []string{"AWS_ENDPOINT_URL=http://127.0.0.1:4566"}}, at, "AWS_ENDPOINT_URL is set")
	refuse(t, Resolver{LoadAWS: loads(asked), Environ: []string{"AWS_ENDPOINT_URL_S3=http://127.0.0.1:4566"}}, at, "AWS_ENDPOINT_URL_S3 is set")
	refuse(t, Resolver{LoadAWS: loads(asked)}, Place{Name: AWS, Region: "us-east-1", Endpoint: "http://127.0.0.1:1"}, "takes no --endpoint")
	refuse(t, Resolver{LoadAWS: loads(asked, func(cfg *aws.Config) { cfg.BaseEndpoint = aws.String("http://127.0.0.1:1") })}, at, "names the endpoint")

	// The SDK's own loader, on files: both ways in which a profile names endpoints.
	file := filepath.Join(t.TempDir(), "config")
	require.NoError(t, os.WriteFile(file, []byte("[profile one]\nregion = us-east-1\nendpoint_url = http://127.0.0.1:1\n"+
		"[profile some]\nregion = us-east-1\nservices = mine\n[services mine]\ns3 =\n  endpoint_url = http://127.0.0.1:1\n"), 0o600))
	t.Setenv("AWS_CONFIG_FILE", file)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
	t.Setenv("AWS_PROFILE", "")
	for _, profile := range []string{"one", "some"} {
		refuse(t, Resolver{LoadAWS: config.LoadDefaultConfig}, Place{Name: AWS, Profile: profile}, "endpoint")
	}
	assert.Empty(t, asked.hosts)
}

func TestTerraformGetsTheSameCredentialsForAsLongAsItRuns(t *testing.T) {
	expires := time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)
	n := 0
	provider := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		n++
		if n == 3 {
			return aws.Credentials{}, errors.New("the session is over")
		}
		return aws.Credentials{AccessKeyID: "AKIA" + string(rune('0'+n)), SecretAccessKey: "s", SessionToken: "t", CanExpire: true, Expires: expires}, nil
	})
	env, stop, err := Target{Name: AWS, Config: aws.Config{Credentials: provider}, Env: map[string]string{"AWS_REGION": "eu-west-1"}}.Handout(t.Context())
	require.NoError(t, err)
	defer stop()
	assert.Equal(t, os.DevNull, env["AWS_CONFIG_FILE"], "no profile comes before it")
	assert.Equal(t, os.DevNull, env["AWS_SHARED_CREDENTIALS_FILE"])
	assert.Equal(t, "eu-west-1", env["AWS_REGION"])
	uri := env["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
	assert.True(t, strings.HasPrefix(uri, "http://127.0.0.1:"), uri)

	get := func(token string) (int, string) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, uri, http.NoBody)
		require.NoError(t, err)
		request.Header.Set("Authorization", token)
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		return response.StatusCode, string(body)
	}
	code, body := get("")
	assert.Equal(t, http.StatusForbidden, code)
	assert.NotContains(t, body, "AKIA")
	for _, key := range []string{"AKIA1", "AKIA2"} { // asked anew each time, so that they are renewed
		code, body = get(env["AWS_CONTAINER_AUTHORIZATION_TOKEN"])
		assert.Equal(t, http.StatusOK, code)
		assert.JSONEq(t, `{"AccessKeyId":"`+key+`","SecretAccessKey":"s","Token":"t","Expiration":"2027-01-02T03:04:05Z"}`, body)
	}
	code, body = get(env["AWS_CONTAINER_AUTHORIZATION_TOKEN"])
	assert.Equal(t, http.StatusInternalServerError, code)
	assert.Contains(t, body, "the session is over")

	stop()
	_, err = http.Get(uri) //nolint:noctx,bodyclose // nobody is there
	require.Error(t, err)
}

func TestAnEmulatorsCredentialsNeedNoServer(t *testing.T) {
	want := map[string]string{"AWS_ACCESS_KEY_ID": "labctl"}
	env, stop, err := Target{Name: Local, Env: want}.Handout(t.Context())
	require.NoError(t, err)
	defer stop()
	assert.Equal(t, want, env)
}

func TestAnEndpointIsSchemeHostAndPortAndNotAWS(t *testing.T) {
	for text, want := range map[string]string{
		"http://127.0.0.1:5000":               "http://127.0.0.1:5000",
		"http://127.0.0.1:5000/":              "http://127.0.0.1:5000",
		"https://[::1]:4566":                  "https://[::1]:4566",
		"https://amazonaws.com.example.org":   "https://amazonaws.com.example.org",
		"http://localhost.localstack.cloud:1": "http://localhost.localstack.cloud:1",
	} {
		got, err := ParseEndpoint(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, got)
	}
	var unusable *UnusableError
	for _, text := range []string{"127.0.0.1:5000", "ftp://host", "http://", "http://user:pw@host", "http://host/path", "http://host?x=1", "http://a b", "::"} {
		_, err := ParseEndpoint(text)
		require.ErrorAs(t, err, &unusable, text)
	}
	var refused *RefusedError
	for _, text := range []string{
		"https://ec2.us-east-1.amazonaws.com", "https://EC2.US-EAST-1.AMAZONAWS.COM.", "https://s3.cn-north-1.amazonaws.com.cn", "https://ec2.us-east-1.api.aws",
	} {
		_, err := ParseEndpoint(text)
		require.ErrorAs(t, err, &refused, text)
		assert.Contains(t, refused.Next, "--target aws")
	}
}

func TestWhatLiesBeyondAPrivateNetworkIsAskedAbout(t *testing.T) {
	for endpoint, want := range map[string]bool{
		"http://127.0.0.1:1": true, "http://[::1]:1": true, "http://10.1.2.3": true, "http://192.168.1.1": true, "http://[fd00::1]": true,
		"http://localhost:1": true, "http://moto:5000": true, "http://x.localhost": true, "http://nas.local": true, "https://localhost.localstack.cloud:4566": true,
		"http://8.8.8.8": false, "https://emulator.example.org": false, "http://[2001:db8::1]": false,
	} {
		assert.Equal(t, want, near(endpoint), endpoint)
	}
}

func TestAnEndpointSeesDummyCredentialsUnlessOthersAreMeantForIt(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAREALKEY")
	server := newFakeServer(t)
	place := Place{Name: Endpoint, Endpoint: server.URL}
	got, err := Resolver{Environ: os.Environ()}.Start(t.Context(), place)
	require.NoError(t, err)
	assert.Equal(t, "labctl", got.Env["AWS_ACCESS_KEY_ID"])
	assert.Equal(t, DefaultRegion, got.Region)
	assert.True(t, got.Free)
	assert.False(t, got.Guarded())
	assert.Nil(t, got.Support, "not known before it is probed")
	assert.Contains(t, server.signed[0], "Credential=labctl/")

	got, err = Resolver{Environ: []string{EndpointKeyVariable + "=mine", EndpointSecretVariable + "=secret"}}.Start(t.Context(), place)
	require.NoError(t, err)
	assert.Equal(t, "mine", got.Env["AWS_ACCESS_KEY_ID"])
	assert.Contains(t, server.signed[1], "Credential=mine/")
}

func TestAnEndpointThatIsNoAWSIsSaidToBeNone(t *testing.T) {
	web := httptest.NewServer(http.NotFoundHandler())
	defer web.Close()
	for _, endpoint := range []string{web.URL, "http://127.0.0.1:1"} {
		_, err := Resolver{}.Start(t.Context(), Place{Name: Endpoint, Endpoint: endpoint})
		var unusable *UnusableError
		require.ErrorAs(t, err, &unusable)
		assert.Contains(t, unusable.Reason, endpoint+" does not answer as AWS does")
	}
}

// TestNothingOfTerraformsSettingsOnAnEmulatorLeavesTheMachine is the provider's side of
// TestNoRequestOfALocalTargetLeavesTheMachine.
func TestNothingOfTerraformsSettingsOnAnEmulatorLeavesTheMachine(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAREALKEY")
	t.Setenv("AWS_SESSION_TOKEN", "real")
	t.Setenv("AWS_ENDPOINT_URL", "https://ec2.us-east-1.amazonaws.com")
	t.Setenv("HTTPS_PROXY", "http://proxy.example:3128")
	server := newFakeServer(t)
	resolver := Resolver{Local: &fakeManager{info: running(server)}, Environ: os.Environ()}
	for _, place := range []Place{{Name: Local}, {Name: Endpoint, Endpoint: server.URL}} {
		got, err := resolver.Start(t.Context(), place)
		require.NoError(t, err)
		assert.Equal(t, map[string]string{
			"AWS_ACCESS_KEY_ID": "labctl", "AWS_SECRET_ACCESS_KEY": "labctl-local", "AWS_REGION": DefaultRegion,
			"AWS_ENDPOINT_URL": server.URL, "HTTP_PROXY": server.URL, "HTTPS_PROXY": server.URL,
		}, got.Env)
	}
}

func TestCredentialsThatChangeToAnotherAccountAreRefused(t *testing.T) {
	key := "AKIAFIRST"
	chain := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: key, SecretAccessKey: "secret"}, nil
	})
	c := &cloud{sts: caller("arn:aws:iam::111122223333:user/ann"), iam: sandbox}
	got, err := Resolver{LoadAWS: loads(c, func(cfg *aws.Config) { cfg.Credentials = chain })}.Start(t.Context(), Place{Name: AWS, Region: "eu-west-1"})
	require.NoError(t, err)
	current := func() (string, error) {
		creds, err := got.Config.Credentials.Retrieve(t.Context())
		return creds.AccessKeyID, err
	}
	asked := len(c.hosts)
	now, err := current()
	require.NoError(t, err)
	assert.Equal(t, "AKIAFIRST", now)
	assert.Len(t, c.hosts, asked, "the same key is not asked about twice")

	key = "AKIARENEWED" // of the same account
	for range 2 {
		now, err = current()
		require.NoError(t, err)
		assert.Equal(t, "AKIARENEWED", now)
	}
	assert.Len(t, c.hosts, asked+1)

	key, c.sts = "AKIAOTHER", says(200, `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>444455556666</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`)
	now, err = current()
	var refused *RefusedError
	require.ErrorAs(t, err, &refused)
	assert.Contains(t, refused.Reason, "changed to account 444455556666, and this is about account 111122223333")
	assert.Empty(t, now)

	key, c.sts = "AKIANOBODY", failure("AccessDenied")
	_, err = current()
	require.ErrorContains(t, err, "asking which account the renewed credentials are of", "what cannot be told is not taken")
}
