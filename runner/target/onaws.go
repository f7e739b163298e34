package target

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/smithy-go"
)

// patience is how long labctl waits for AWS to say who is calling.
const patience = 30 * time.Second

// onAWS reaches a real account with the SDK's own chain of credentials: variables, profiles, SSO, roles, containers,
// instances. Requests that settings would send to another place than AWS are refused: what is there is no account.
// https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
func (r Resolver) onAWS(ctx context.Context, place Place) (Target, error) {
	if place.Endpoint != "" {
		return Target{}, &RefusedError{Reason: "target aws takes no --endpoint: it is AWS itself", Next: "use `--target endpoint --endpoint " + place.Endpoint + "`"}
	}
	if err := r.noOtherEndpoint(); err != nil {
		return Target{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cfg, err := r.LoadAWS(ctx, options(place)...)
	if err != nil {
		return Target{}, loadTrouble(place, err)
	}
	if err := noConfiguredEndpoint(cfg); err != nil {
		return Target{}, err
	}
	if cfg.Region == "" {
		return Target{}, &UnusableError{Reason: "no AWS region is set", Next: "name one with --region, with AWS_REGION, or in the profile"}
	}
	if !slices.Contains(regions, cfg.Region) {
		return Target{}, &UnusableError{Reason: fmt.Sprintf("labctl does not know region %q, which AWS_REGION or the profile names", cfg.Region), Next: "name one of AWS's commercial regions with --region"}
	}
	t := Target{
		Name: AWS, Region: cfg.Region, Profile: place.Profile, Identity: &Identity{},
		Config: cfg, Support: awsSupport(), Env: map[string]string{"AWS_REGION": cfg.Region},
	}
	now, err := cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return Target{}, credentialTrouble(ctx, place, err)
	}
	if t, err = withAccount(ctx, t, "AWS"); err != nil {
		return Target{}, callTrouble(ctx, place, cfg.Region, err)
	}
	t.Config.Credentials = onlyOf(cfg, t.Account, now)
	t.Identity.Alias = alias(ctx, t.Config)
	return t, nil
}

func options(place Place) []func(*config.LoadOptions) error {
	chosen := []func(*config.LoadOptions) error{
		config.WithRetryer(func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts = 6 }) // EC2 throttles accounts that are busy
		}),
		config.WithAppID("labctl"), // who made a call, for those who read the trail
	}
	if place.Region != "" {
		chosen = append(chosen, config.WithRegion(place.Region))
	}
	if place.Profile != "" {
		chosen = append(chosen, config.WithSharedConfigProfile(place.Profile))
	}
	return chosen
}

// noOtherEndpoint refuses settings like AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_S3. To ignore them silently would make
// things in a real account for somebody who thinks of an emulator.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
func (r Resolver) noOtherEndpoint() error {
	for _, entry := range r.Environ {
		name, value, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "AWS_ENDPOINT_URL") && value != "" {
			return elsewhere(fmt.Sprintf("%s is set to %s, which is not target aws", name, value), "unset it, or use `--target endpoint --endpoint "+value+"`")
		}
	}
	return nil
}

func noConfiguredEndpoint(cfg aws.Config) error {
	for _, source := range cfg.ConfigSources {
		shared, ok := source.(config.SharedConfig)
		if !ok {
			continue
		}
		if shared.BaseEndpoint != "" || len(shared.Services.ServiceValues) > 0 {
			return elsewhere(fmt.Sprintf("profile %s names endpoints of its own (endpoint_url, services), which are not target aws", shared.Profile), "choose another profile with --profile, or use --target endpoint")
		}
	}
	if cfg.BaseEndpoint != nil {
		return elsewhere(fmt.Sprintf("the AWS configuration names the endpoint %s, which is not target aws", *cfg.BaseEndpoint), "take it out, or use --target endpoint")
	}
	return nil
}

func elsewhere(reason, next string) error { return &RefusedError{Reason: reason, Next: next} }

// alias is the account's, for those who know it better than its number. Many may not read it: then there is none.
func alias(ctx context.Context, cfg aws.Config) string {
	out, err := iam.NewFromConfig(cfg).ListAccountAliases(ctx, &iam.ListAccountAliasesInput{})
	if err != nil || len(out.AccountAliases) == 0 {
		return ""
	}
	return out.AccountAliases[0]
}

func loadTrouble(place Place, err error) error {
	var missing config.SharedConfigProfileNotExistError
	if errors.As(err, &missing) {
		return &UnusableError{Reason: fmt.Sprintf("there is no AWS profile %q", missing.Profile), Next: "`aws configure list-profiles` lists them; name one with --profile, or unset AWS_PROFILE", Err: err}
	}
	return &UnusableError{Reason: fmt.Sprintf("the AWS configuration cannot be read: %v", rootCause(err)), Next: "see ~/.aws/config, ~/.aws/credentials and the AWS_* variables" + ofProfile(place), Err: err}
}

func credentialTrouble(ctx context.Context, place Place, err error) error {
	var session *ssocreds.InvalidTokenError
	switch {
	case errors.As(err, &session):
		return &UnusableError{Reason: "the SSO session has expired or was never begun", Next: "run `aws sso login" + flagOf(place) + "`", Err: err}
	case isExpired(err):
		return callTrouble(ctx, place, "", err)
	}
	return &UnusableError{
		Reason: fmt.Sprintf("there are no AWS credentials that can be used%s: %v", ofProfile(place), rootCause(err)),
		Next:   "name a profile with --profile, run `aws configure` or `aws sso login`, or use the default --target local, which needs none", Err: err,
	}
}

// expiredCodes and rejectedCodes are from the common errors of AWS's APIs.
// https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
var (
	expiredCodes  = []string{"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
	rejectedCodes = []string{"InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "AuthFailure", "InvalidAccessKeyId", "IncompleteSignature", "MissingAuthenticationToken"}
)

func isExpired(err error) bool {
	var answer smithy.APIError
	return errors.As(err, &answer) && slices.Contains(expiredCodes, answer.ErrorCode())
}

// callTrouble says what went wrong when AWS was asked who is calling.
func callTrouble(ctx context.Context, place Place, region string, err error) error {
	var answer smithy.APIError
	var network net.Error
	trouble := &UnusableError{Err: err, Next: "see `aws sts get-caller-identity" + flagOf(place) + "`"}
	switch {
	case isExpired(err):
		trouble.Reason, trouble.Next = "the AWS credentials have expired", "get new ones (`aws sso login"+flagOf(place)+"`, or whatever gave you these) and run the command again"
	case errors.As(err, &answer) && answer.ErrorCode() == "RegionDisabledException":
		trouble.Reason, trouble.Next = fmt.Sprintf("region %s is not enabled for this account", region), "enable it in the account's settings, or name another with --region"
	case errors.As(err, &answer) && slices.Contains(rejectedCodes, answer.ErrorCode()):
		// A region that must be opted into knows no credentials of an account that has not done so.
		trouble.Reason = fmt.Sprintf("AWS does not accept the credentials in region %s (%s)", region, answer.ErrorCode())
		trouble.Next = "check the credentials with `aws sts get-caller-identity" + flagOf(place) + "`, and that the account has region " + region + " enabled"
	case errors.As(err, &answer):
		trouble.Reason = fmt.Sprintf("AWS does not say who is calling: %s: %s", answer.ErrorCode(), answer.ErrorMessage())
	case ctx.Err() != nil || errors.As(err, &network):
		trouble.Reason, trouble.Next = fmt.Sprintf("AWS cannot be reached in region %s: %v", region, rootCause(err)), "check the network, proxy settings and --region"
	default:
		trouble.Reason = fmt.Sprintf("AWS does not say who is calling: %v", rootCause(err))
	}
	return trouble
}

func flagOf(place Place) string {
	if place.Profile == "" {
		return ""
	}
	return " --profile " + place.Profile
}

func ofProfile(place Place) string {
	if place.Profile == "" {
		return ""
	}
	return " (profile " + place.Profile + ")"
}

// rootCause is the innermost error: the SDK wraps a cause in five layers, and one line is to be read.
func rootCause(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
