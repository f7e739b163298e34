package inventory

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// Organization is the organization that the account belongs to; empty where it belongs to none.
type Organization struct {
	Id              string
	MasterAccountId string // of the management account
}

// Organization reads which organization the account belongs to. Every account of one may ask.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeOrganization.html
func (i *Inventory) Organization(ctx context.Context) (Organization, error) {
	return i.audit.organization.get("the account's organization", func() (Organization, error) { return i.source.readOrganization(ctx) })
}

func (l live) readOrganization(ctx context.Context) (Organization, error) {
	got, err := l.organizations.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
	var none *types.AWSOrganizationsNotInUseException
	switch {
	case errors.As(err, &none):
		return Organization{}, nil
	case err != nil:
		return Organization{}, err //nolint:wrapcheck // the SDK's errors name the call
	}
	return Organization{Id: aws.ToString(got.Organization.Id), MasterAccountId: aws.ToString(got.Organization.MasterAccountId)}, nil
}

func (f Facts) readOrganization(context.Context) (Organization, error) { return f.Organization, nil }
