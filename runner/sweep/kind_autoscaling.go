package sweep

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

type autoScalingAPI interface {
	autoscaling.DescribeAutoScalingGroupsAPIClient
	DeleteAutoScalingGroup(context.Context, *autoscaling.DeleteAutoScalingGroupInput, ...func(*autoscaling.Options)) (*autoscaling.DeleteAutoScalingGroupOutput, error)
}

// autoScalingGroups live in their subnets. They go before instances, whom they would replace,
// and take their instances, policies and notifications along.
type autoScalingGroups struct{ api autoScalingAPI }

func (h autoScalingGroups) list(ctx context.Context, _ []string) ([]found, error) {
	return h.named(ctx)
}

// named lists the groups of these names, or all.
func (h autoScalingGroups) named(ctx context.Context, names ...string) (all []found, err error) {
	pages := autoscaling.NewDescribeAutoScalingGroupsPaginator(h.api, &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: names})
	err = eachPage(ctx, pages, func(page *autoscaling.DescribeAutoScalingGroupsOutput) {
		for _, g := range page.AutoScalingGroups {
			f := found{id: aws.ToString(g.AutoScalingGroupName), name: aws.ToString(g.AutoScalingGroupName), arn: aws.ToString(g.AutoScalingGroupARN)}
			f.tags = tagsOf(g.Tags, func(t types.TagDescription) (*string, *string) { return t.Key, t.Value })
			if subnets := aws.ToString(g.VPCZoneIdentifier); subnets != "" {
				f.in = strings.Split(subnets, ",")
			}
			all = append(all, f)
		}
	})
	if isNotEmulated(err) {
		return nil, nil
	}
	return all, err
}

// delete has to find out itself whether the group is gone: the service has no error for that.
func (h autoScalingGroups) delete(ctx context.Context, id string, _ map[string]bool) error {
	_, err := h.api.DeleteAutoScalingGroup(ctx, &autoscaling.DeleteAutoScalingGroupInput{AutoScalingGroupName: aws.String(id), ForceDelete: aws.Bool(true)})
	if code(err) != "ValidationError" {
		return err
	}
	left, listErr := h.named(ctx, id)
	if listErr == nil && len(left) == 0 {
		return nil
	}
	return err
}

type launchTemplateAPI interface {
	ec2.DescribeLaunchTemplatesAPIClient
	DeleteLaunchTemplate(context.Context, *ec2.DeleteLaunchTemplateInput, ...func(*ec2.Options)) (*ec2.DeleteLaunchTemplateOutput, error)
}

// launchTemplates go with all their versions.
type launchTemplates struct{ api launchTemplateAPI }

// templatesAtOnce is the longest page; the shortest default among servers is 15, without a next one.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeLaunchTemplates.html
const templatesAtOnce = 200

func (h launchTemplates) list(ctx context.Context, _ []string) (all []found, err error) {
	pages := ec2.NewDescribeLaunchTemplatesPaginator(h.api, &ec2.DescribeLaunchTemplatesInput{MaxResults: aws.Int32(templatesAtOnce)})
	err = eachPage(ctx, pages, func(page *ec2.DescribeLaunchTemplatesOutput) {
		for _, t := range page.LaunchTemplates {
			f := ec2Found(t.LaunchTemplateId, t.Tags)
			f.name = aws.ToString(t.LaunchTemplateName)
			all = append(all, f)
		}
	})
	return all, err
}

func (h launchTemplates) delete(ctx context.Context, id string, _ map[string]bool) error {
	_, err := h.api.DeleteLaunchTemplate(ctx, &ec2.DeleteLaunchTemplateInput{LaunchTemplateId: aws.String(id)})
	return err
}
