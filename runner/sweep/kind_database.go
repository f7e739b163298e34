package sweep

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
)

type databaseAPI interface {
	rds.DescribeDBInstancesAPIClient
	ModifyDBInstance(context.Context, *rds.ModifyDBInstanceInput, ...func(*rds.Options)) (*rds.ModifyDBInstanceOutput, error)
	DeleteDBInstance(context.Context, *rds.DeleteDBInstanceInput, ...func(*rds.Options)) (*rds.DeleteDBInstanceOutput, error)
}

// databases live in the VPC of their subnet group. No snapshot is left of them.
type databases struct{ api databaseAPI }

func (h databases) list(ctx context.Context, _ []string) (all []found, err error) {
	err = h.each(ctx, &rds.DescribeDBInstancesInput{}, func(d types.DBInstance) {
		f := found{id: aws.ToString(d.DBInstanceIdentifier), name: aws.ToString(d.DBInstanceIdentifier), arn: aws.ToString(d.DBInstanceArn)}
		f.tags, f.variant = rdsTags(d.TagList), aws.ToString(d.DBInstanceClass)
		if aws.ToBool(d.MultiAZ) {
			f.variant += ", Multi-AZ"
		}
		if d.DBSubnetGroup != nil {
			f.in = ids(d.DBSubnetGroup.VpcId)
		}
		all = append(all, f)
	})
	if isNotEmulated(err) {
		return nil, nil
	}
	return all, err
}

func (h databases) each(ctx context.Context, in *rds.DescribeDBInstancesInput, visit func(types.DBInstance)) error {
	return eachPage(ctx, rds.NewDescribeDBInstancesPaginator(h.api, in), func(page *rds.DescribeDBInstancesOutput) {
		for _, d := range page.DBInstances {
			visit(d)
		}
	})
}

// delete switches the deletion protection off, which a lab's database may well have.
func (h databases) delete(ctx context.Context, id string, _ map[string]bool) error {
	var protected, leaving bool
	err := h.each(ctx, &rds.DescribeDBInstancesInput{DBInstanceIdentifier: aws.String(id)}, func(d types.DBInstance) {
		protected, leaving = aws.ToBool(d.DeletionProtection), aws.ToString(d.DBInstanceStatus) == "deleting"
	})
	if err != nil || leaving {
		return err
	}
	if protected {
		_, err := h.api.ModifyDBInstance(ctx, &rds.ModifyDBInstanceInput{
			DBInstanceIdentifier: aws.String(id), DeletionProtection: aws.Bool(false), ApplyImmediately: aws.Bool(true),
		})
		if err != nil {
			return err
		}
	}
	_, err = h.api.DeleteDBInstance(ctx, &rds.DeleteDBInstanceInput{
		DBInstanceIdentifier: aws.String(id), SkipFinalSnapshot: aws.Bool(true), DeleteAutomatedBackups: aws.Bool(true),
	})
	return err
}

type databaseSubnetsAPI interface {
	rds.DescribeDBSubnetGroupsAPIClient
	ListTagsForResource(context.Context, *rds.ListTagsForResourceInput, ...func(*rds.Options)) (*rds.ListTagsForResourceOutput, error)
	DeleteDBSubnetGroup(context.Context, *rds.DeleteDBSubnetGroupInput, ...func(*rds.Options)) (*rds.DeleteDBSubnetGroupOutput, error)
}

// databaseSubnets are groups of a VPC's subnets.
type databaseSubnets struct{ api databaseSubnetsAPI }

func (h databaseSubnets) list(ctx context.Context, _ []string) ([]found, error) {
	var all []found
	err := eachPage(ctx, rds.NewDescribeDBSubnetGroupsPaginator(h.api, &rds.DescribeDBSubnetGroupsInput{}), func(page *rds.DescribeDBSubnetGroupsOutput) {
		for _, g := range page.DBSubnetGroups {
			name := aws.ToString(g.DBSubnetGroupName)
			all = append(all, found{id: name, name: name, arn: aws.ToString(g.DBSubnetGroupArn), in: ids(g.VpcId)})
		}
	})
	switch {
	case isNotEmulated(err):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return lookUp(all, func(f found) (found, error) {
		out, err := h.api.ListTagsForResource(ctx, &rds.ListTagsForResourceInput{ResourceName: aws.String(f.arn)})
		if err != nil {
			return found{}, err
		}
		f.tags = rdsTags(out.TagList)
		return f, nil
	})
}

func (h databaseSubnets) delete(ctx context.Context, id string, _ map[string]bool) error {
	_, err := h.api.DeleteDBSubnetGroup(ctx, &rds.DeleteDBSubnetGroupInput{DBSubnetGroupName: aws.String(id)})
	return err
}

func rdsTags(tags []types.Tag) map[string]string {
	return tagsOf(tags, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
}
