package sweep

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

type elbTagsAPI interface {
	DescribeTags(context.Context, *elb.DescribeTagsInput, ...func(*elb.Options)) (*elb.DescribeTagsOutput, error)
}

type loadBalancerAPI interface {
	elbTagsAPI
	elb.DescribeLoadBalancersAPIClient
	ModifyLoadBalancerAttributes(context.Context, *elb.ModifyLoadBalancerAttributesInput, ...func(*elb.Options)) (*elb.ModifyLoadBalancerAttributesOutput, error)
	DeleteLoadBalancer(context.Context, *elb.DeleteLoadBalancerInput, ...func(*elb.Options)) (*elb.DeleteLoadBalancerOutput, error)
}

// loadBalancers have ARNs for ids: their names are cut to 32 characters, so that their tags
// decide. Their listeners go with them.
type loadBalancers struct{ api loadBalancerAPI }

func (h loadBalancers) list(ctx context.Context, _ []string) (all []found, err error) {
	pages := elb.NewDescribeLoadBalancersPaginator(h.api, &elb.DescribeLoadBalancersInput{})
	err = eachPage(ctx, pages, func(page *elb.DescribeLoadBalancersOutput) {
		for _, b := range page.LoadBalancers {
			arn := aws.ToString(b.LoadBalancerArn)
			all = append(all, found{
				id: arn, name: aws.ToString(b.LoadBalancerName), arn: arn, in: ids(b.VpcId),
				variant: fmt.Sprintf("%d zones", len(b.AvailabilityZones)),
			})
		}
	})
	switch {
	case isNotEmulated(err):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return all, elbTags(ctx, h.api, all)
}

// delete switches the protection off where that is what refuses.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteLoadBalancer.html
func (h loadBalancers) delete(ctx context.Context, id string, _ map[string]bool) error {
	in := &elb.DeleteLoadBalancerInput{LoadBalancerArn: aws.String(id)}
	_, err := h.api.DeleteLoadBalancer(ctx, in)
	if code(err) != "OperationNotPermitted" {
		return err
	}
	_, err = h.api.ModifyLoadBalancerAttributes(ctx, &elb.ModifyLoadBalancerAttributesInput{
		LoadBalancerArn: in.LoadBalancerArn,
		Attributes:      []types.LoadBalancerAttribute{{Key: aws.String("deletion_protection.enabled"), Value: aws.String("false")}},
	})
	if err != nil {
		return err
	}
	_, err = h.api.DeleteLoadBalancer(ctx, in)
	return err
}

type targetGroupAPI interface {
	elbTagsAPI
	elb.DescribeTargetGroupsAPIClient
	DeleteTargetGroup(context.Context, *elb.DeleteTargetGroupInput, ...func(*elb.Options)) (*elb.DeleteTargetGroupOutput, error)
}

// targetGroups are in use until the listeners that forward to them are gone.
type targetGroups struct{ api targetGroupAPI }

func (h targetGroups) list(ctx context.Context, _ []string) (all []found, err error) {
	pages := elb.NewDescribeTargetGroupsPaginator(h.api, &elb.DescribeTargetGroupsInput{})
	err = eachPage(ctx, pages, func(page *elb.DescribeTargetGroupsOutput) {
		for _, g := range page.TargetGroups {
			arn := aws.ToString(g.TargetGroupArn)
			all = append(all, found{id: arn, name: aws.ToString(g.TargetGroupName), arn: arn, in: ids(g.VpcId)})
		}
	})
	switch {
	case isNotEmulated(err):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return all, elbTags(ctx, h.api, all)
}

func (h targetGroups) delete(ctx context.Context, id string, _ map[string]bool) error {
	_, err := h.api.DeleteTargetGroup(ctx, &elb.DeleteTargetGroupInput{TargetGroupArn: aws.String(id)})
	return err
}

// elbTagsAtOnce is how many resources one request may ask the tags of.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTags.html
const elbTagsAtOnce = 20

// elbTags gives each its tags.
func elbTags(ctx context.Context, api elbTagsAPI, all []found) error {
	for some := range slices.Chunk(all, elbTagsAtOnce) {
		tags, err := describeELBTags(ctx, api, some)
		switch {
		case isGone(err): // one of them by now: each for itself
			for i := range some {
				one, err := describeELBTags(ctx, api, some[i:i+1])
				if err != nil && !isGone(err) {
					return err
				}
				some[i].tags = one[some[i].id]
			}
		case err != nil:
			return err
		}
		for i, f := range some {
			if of, ok := tags[f.id]; ok {
				some[i].tags = of
			}
		}
	}
	return nil
}

func describeELBTags(ctx context.Context, api elbTagsAPI, some []found) (map[string]map[string]string, error) {
	arns := make([]string, len(some))
	for i, f := range some {
		arns[i] = f.id
	}
	out, err := api.DescribeTags(ctx, &elb.DescribeTagsInput{ResourceArns: arns})
	if err != nil {
		return nil, err
	}
	tags := map[string]map[string]string{}
	for _, d := range out.TagDescriptions {
		tags[aws.ToString(d.ResourceArn)] = tagsOf(d.Tags, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
	}
	return tags, nil
}
