package iam

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"labctl/checks"
	"labctl/labs"
)

// What an attempt comes to.
const (
	allowed = "allowed"
	refused = "refused"
)

func vendorDrill() labs.Drill {
	return labs.Drill{
		ID:       "vendor",
		Title:    "Does the vendor get in, and no further than agreed?",
		Measures: "The vendor's role is assumed with the right external id, with a wrong one and with none; as the vendor an object of the data bucket is read, and one is written.",
		Objective: "Only the right external id gets in, and the vendor reads and does not write. Whoever runs the drill must be a principal " +
			"that the role trusts.",
		Needs: []checks.Capability{policyEnforcement},
		Run: func(ctx context.Context, live labs.Live, line *labs.TimeLine) error {
			visit, err := planVisit(ctx, live)
			if err != nil {
				return err
			}
			if err := labs.Remember(live.Record, visitMade, visit); err != nil {
				return err
			}
			return visit.run(ctx, vendorCalls{live}, line)
		},
		Restore: func(ctx context.Context, live labs.Live, _ *labs.TimeLine) error {
			return clearUp(ctx, live.Record, vendorCalls{live})
		},
	}
}

// visit is what the vendor tries, and where.
type visit struct {
	Role, Bucket, Key string
	Right             string // external id
}

func planVisit(ctx context.Context, live labs.Live) (visit, error) {
	a, err := readArchitecture(ctx, live.Inventory)
	if err != nil {
		return visit{}, err
	}
	roles := a.part(vendor)
	all, err := a.buckets(ctx, data)
	if err != nil {
		return visit{}, err
	}
	if len(roles) == 0 || len(all) == 0 {
		return visit{}, labs.Lacks("no vendor's role or no data bucket")
	}
	right, _ := externalIDs(roles[0].trust)
	if len(right) == 0 {
		return visit{}, labs.Lacks("the trust policy of %s names no external id", roles[0].Name)
	}
	return visit{Role: roles[0].Arn, Bucket: all[0].Name, Key: "labctl-drill/" + live.Run, Right: right[0][0]}, nil
}

// visitMade is where the record has what the vendor tries.
const visitMade = "visit"

// clearUp removes the object of a visit that was cut off.
func clearUp(ctx context.Context, record labs.Record, api calls) error {
	var v visit
	if found, err := labs.Recall(record, visitMade, &v); err != nil || !found {
		return err
	}
	if err := labs.Unless(api.remove(ctx, v.Bucket, v.Key), "NoSuchBucket"); err != nil {
		return fmt.Errorf("removing the object %s from bucket %s: %w", v.Key, v.Bucket, err)
	}
	return nil
}

// calls are what the drill asks of the account. Without a session they are made as whoever runs the drill.
type calls interface {
	assume(ctx context.Context, role, externalID string) (aws.CredentialsProvider, error)
	put(ctx context.Context, as aws.CredentialsProvider, bucket, key string) error
	get(ctx context.Context, as aws.CredentialsProvider, bucket, key string) error
	remove(ctx context.Context, bucket, key string) error
}

// run tries everything. Each attempt that must be refused comes after one of the same kind that must not.
func (v visit) run(ctx context.Context, api calls, line *labs.TimeLine) (err error) {
	line.Say("Assuming %s with the right external id.", v.Role)
	session, err := api.assume(ctx, v.Role, v.Right)
	if err != nil {
		return &labs.ControlError{Control: "assuming the vendor's role with the right external id", Err: err}
	}
	line.Outcome("assume with the right external id", allowed, allowed)
	for _, wrong := range []struct{ what, id string }{{"with a wrong external id", v.Right + "-not"}, {"without an external id", ""}} {
		_, err := api.assume(ctx, v.Role, wrong.id)
		found, err := outcome(err)
		if err != nil {
			return fmt.Errorf("assuming the role %s: %w", wrong.what, err)
		}
		line.Outcome("assume "+wrong.what, found, refused)
	}

	line.Say("Putting an object into %s for the vendor to read.", v.Bucket)
	defer func() {
		after, done := labs.Afterwards(ctx)
		defer done()
		line.Say("Removing the object again.")
		if gone := api.remove(after, v.Bucket, v.Key); gone != nil {
			err = errors.Join(err, fmt.Errorf("removing the object %s from bucket %s: %w", v.Key, v.Bucket, gone))
		}
	}()
	if err := api.put(ctx, nil, v.Bucket, v.Key); err != nil {
		return &labs.ControlError{Control: "putting an object into the data bucket as whoever runs the drill", Err: err}
	}
	found, err := outcome(api.get(ctx, session, v.Bucket, v.Key))
	if err != nil {
		return fmt.Errorf("reading as the vendor: %w", err)
	}
	line.Outcome("read as the vendor", found, allowed)
	if found != allowed {
		line.Say("A write is not tried: that it is refused would prove nothing about a session that cannot read either.")
		return nil
	}
	if found, err = outcome(api.put(ctx, session, v.Bucket, v.Key)); err != nil {
		return fmt.Errorf("writing as the vendor: %w", err)
	}
	line.Outcome("write as the vendor", found, refused)
	return nil
}

// outcome tells a refusal from everything else that can go wrong.
func outcome(err error) (string, error) {
	var api smithy.APIError
	switch {
	case err == nil:
		return allowed, nil
	case errors.As(err, &api) && strings.HasPrefix(api.ErrorCode(), "AccessDenied"):
		return refused, nil
	default:
		return "", err
	}
}

// vendorCalls makes the calls in an account.
type vendorCalls struct{ live labs.Live }

func (c vendorCalls) assume(ctx context.Context, role, externalID string) (aws.CredentialsProvider, error) {
	in := &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("labctl-drill"), DurationSeconds: aws.Int32(900)}
	if externalID != "" {
		in.ExternalId = &externalID
	}
	got, err := sts.NewFromConfig(c.live.Config).AssumeRole(ctx, in)
	if err != nil {
		return nil, err //nolint:wrapcheck // the SDK's errors name the call
	}
	k := got.Credentials
	return credentials.NewStaticCredentialsProvider(aws.ToString(k.AccessKeyId), aws.ToString(k.SecretAccessKey), aws.ToString(k.SessionToken)), nil
}

func (c vendorCalls) as(session aws.CredentialsProvider) *s3.Client {
	live := c.live
	if session != nil {
		live.Config = live.Config.Copy()
		live.Config.Credentials = session
	}
	return s3Client(live)
}

func (c vendorCalls) put(ctx context.Context, as aws.CredentialsProvider, bucket, key string) error {
	_, err := c.as(as).PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader("labctl drill")})
	return err //nolint:wrapcheck // the SDK's errors name the call
}

func (c vendorCalls) get(ctx context.Context, as aws.CredentialsProvider, bucket, key string) error {
	got, err := c.as(as).GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return err //nolint:wrapcheck // the SDK's errors name the call
	}
	return got.Body.Close()
}

// remove removes every version: the bucket keeps them all.
func (c vendorCalls) remove(ctx context.Context, bucket, key string) error {
	api := c.as(nil)
	pages := s3.NewListObjectVersionsPaginator(api, &s3.ListObjectVersionsInput{Bucket: &bucket, Prefix: &key})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err //nolint:wrapcheck // the SDK's errors name the call
		}
		for _, version := range page.Versions {
			if _, err := api.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &bucket, Key: version.Key, VersionId: version.VersionId}); err != nil {
				return err //nolint:wrapcheck // the SDK's errors name the call
			}
		}
	}
	return nil
}
