package sweep

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fakeScaling has the groups named, or cannot be read; a deletion answers an error.
type fakeScaling struct {
	autoScalingAPI
	names              []string
	listErr, deleteErr error
}

func (f fakeScaling) DescribeAutoScalingGroups(context.Context, *autoscaling.DescribeAutoScalingGroupsInput, ...func(*autoscaling.Options)) (*autoscaling.DescribeAutoScalingGroupsOutput, error) {
	out := &autoscaling.DescribeAutoScalingGroupsOutput{}
	for _, name := range f.names {
		out.AutoScalingGroups = append(out.AutoScalingGroups, astypes.AutoScalingGroup{AutoScalingGroupName: &name, VPCZoneIdentifier: aws.String("subnet-1,subnet-2")})
	}
	return out, f.listErr
}

func (f fakeScaling) DeleteAutoScalingGroup(_ context.Context, in *autoscaling.DeleteAutoScalingGroupInput, _ ...func(*autoscaling.Options)) (*autoscaling.DeleteAutoScalingGroupOutput, error) {
	if !aws.ToBool(in.ForceDelete) {
		return nil, apiError("ResourceInUse")
	}
	return nil, f.deleteErr
}

func TestAGroupLivesInItsSubnets(t *testing.T) {
	all, err := autoScalingGroups{fakeScaling{names: []string{"app"}}}.list(t.Context(), nil)
	require.NoError(t, err)
	require.Len(t, all, 1)
	assert.Equal(t, []string{"subnet-1", "subnet-2"}, all[0].in)
}

func TestAGroupIsGoneOnlyWhenItIsListedNoMore(t *testing.T) {
	invalid := apiError("ValidationError")
	tests := []struct {
		name string
		api  fakeScaling
		want error
	}{
		{"it is deleted", fakeScaling{names: []string{"app"}}, nil},
		{"it is gone", fakeScaling{deleteErr: invalid}, nil},
		{"it is there", fakeScaling{names: []string{"app"}, deleteErr: invalid}, invalid},
		{"nobody knows", fakeScaling{listErr: errors.New("down"), deleteErr: invalid}, invalid},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			assert.Equal(t, test.want, autoScalingGroups{test.api}.delete(t.Context(), "app", nil))
		})
	}
}

// fakeBalancers knows the tags of so many load balancers at a time, and one of them is gone.
type fakeBalancers struct {
	loadBalancerAPI
	number    int
	gone      string
	protected bool
	calls     []string
}

func (f *fakeBalancers) DescribeLoadBalancers(context.Context, *elb.DescribeLoadBalancersInput, ...func(*elb.Options)) (*elb.DescribeLoadBalancersOutput, error) {
	out := &elb.DescribeLoadBalancersOutput{}
	for i := range f.number {
		out.LoadBalancers = append(out.LoadBalancers, elbtypes.LoadBalancer{LoadBalancerArn: aws.String(fmt.Sprintf("arn:%02d", i)), VpcId: aws.String("vpc-1")})
	}
	return out, nil
}

func (f *fakeBalancers) DescribeTags(_ context.Context, in *elb.DescribeTagsInput, _ ...func(*elb.Options)) (*elb.DescribeTagsOutput, error) {
	if len(in.ResourceArns) > 20 {
		return nil, apiError("ValidationError")
	}
	if slices.Contains(in.ResourceArns, f.gone) {
		return nil, apiError("LoadBalancerNotFound")
	}
	out := &elb.DescribeTagsOutput{}
	for _, arn := range in.ResourceArns {
		out.TagDescriptions = append(out.TagDescriptions, elbtypes.TagDescription{
			ResourceArn: aws.String(arn), Tags: []elbtypes.Tag{{Key: aws.String(tagRun), Value: aws.String(arn)}},
		})
	}
	return out, nil
}

func (f *fakeBalancers) DeleteLoadBalancer(context.Context, *elb.DeleteLoadBalancerInput, ...func(*elb.Options)) (*elb.DeleteLoadBalancerOutput, error) {
	f.calls = append(f.calls, "delete")
	if f.protected {
		return nil, apiError("OperationNotPermitted")
	}
	return nil, nil
}

func (f *fakeBalancers) ModifyLoadBalancerAttributes(context.Context, *elb.ModifyLoadBalancerAttributesInput, ...func(*elb.Options)) (*elb.ModifyLoadBalancerAttributesOutput, error) {
	f.calls = append(f.calls, "modify")
	f.protected = false
	return nil, nil
}

func TestEachLoadBalancerHasItsOwnTagsAlsoWhenAnotherOneGoes(t *testing.T) {
	all, err := loadBalancers{&fakeBalancers{number: 45, gone: "arn:30"}}.list(t.Context(), nil)
	require.NoError(t, err)
	require.Len(t, all, 45)
	for _, f := range all {
		if f.id != "arn:30" {
			assert.Equal(t, f.id, f.tags[tagRun])
		}
	}
}

func TestTheProtectionOfALoadBalancerIsTakenOffWhereItIsInTheWay(t *testing.T) {
	for protected, want := range map[bool][]string{true: {"delete", "modify", "delete"}, false: {"delete"}} {
		api := &fakeBalancers{protected: protected}
		require.NoError(t, loadBalancers{api}.delete(t.Context(), "arn", nil))
		assert.Equal(t, want, api.calls)
	}
}

func TestOnlyATargetWithoutTheServiceHasNoGroups(t *testing.T) {
	for status, fails := range map[int]bool{http.StatusNotImplemented: false, http.StatusForbidden: true} {
		answer := &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}}, Err: apiError("No")}
		_, err := autoScalingGroups{fakeScaling{listErr: answer}}.list(t.Context(), nil)
		assert.Equal(t, fails, err != nil, status)
	}
}

// fakeTable is in a state, protected or not.
type fakeTable struct {
	tableAPI
	status    dynamotypes.TableStatus
	protected bool
	calls     []string
}

func (f *fakeTable) DescribeTable(context.Context, *dynamodb.DescribeTableInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error) {
	return &dynamodb.DescribeTableOutput{Table: &dynamotypes.TableDescription{TableStatus: f.status, DeletionProtectionEnabled: &f.protected}}, nil
}

func (f *fakeTable) UpdateTable(_ context.Context, in *dynamodb.UpdateTableInput, _ ...func(*dynamodb.Options)) (*dynamodb.UpdateTableOutput, error) {
	f.calls = append(f.calls, fmt.Sprint("protect ", *in.DeletionProtectionEnabled))
	return nil, nil
}

func (f *fakeTable) DeleteTable(context.Context, *dynamodb.DeleteTableInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteTableOutput, error) {
	f.calls = append(f.calls, "delete")
	return nil, nil
}

// fakeDatabase likewise.
type fakeDatabase struct {
	databaseAPI
	status    string
	protected bool
	calls     []string
}

func (f *fakeDatabase) DescribeDBInstances(context.Context, *rds.DescribeDBInstancesInput, ...func(*rds.Options)) (*rds.DescribeDBInstancesOutput, error) {
	return &rds.DescribeDBInstancesOutput{DBInstances: []rdstypes.DBInstance{{DBInstanceStatus: &f.status, DeletionProtection: &f.protected}}}, nil
}

func (f *fakeDatabase) ModifyDBInstance(_ context.Context, in *rds.ModifyDBInstanceInput, _ ...func(*rds.Options)) (*rds.ModifyDBInstanceOutput, error) {
	f.calls = append(f.calls, fmt.Sprint("protect ", *in.DeletionProtection))
	return nil, nil
}

func (f *fakeDatabase) DeleteDBInstance(_ context.Context, in *rds.DeleteDBInstanceInput, _ ...func(*rds.Options)) (*rds.DeleteDBInstanceOutput, error) {
	if aws.ToBool(in.SkipFinalSnapshot) {
		f.calls = append(f.calls, "delete")
	}
	return nil, nil
}

func TestDataIsDeletedOnceAndItsProtectionBefore(t *testing.T) {
	tests := []struct {
		name               string
		protected, leaving bool
		want               []string
	}{
		{"protected", true, false, []string{"protect false", "delete"}},
		{"free", false, false, []string{"delete"}},
		{"leaving", true, true, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			table := &fakeTable{status: dynamotypes.TableStatusActive, protected: test.protected}
			database := &fakeDatabase{status: "available", protected: test.protected}
			if test.leaving {
				table.status, database.status = dynamotypes.TableStatusDeleting, "deleting"
			}
			require.NoError(t, tables{table}.delete(t.Context(), "orders", nil))
			require.NoError(t, databases{database}.delete(t.Context(), "orders", nil))
			assert.Equal(t, test.want, table.calls)
			assert.Equal(t, test.want, database.calls)
		})
	}
}
