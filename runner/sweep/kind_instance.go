package sweep

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

type instanceAPI interface {
	ec2.DescribeInstancesAPIClient
	TerminateInstances(context.Context, *ec2.TerminateInstancesInput, ...func(*ec2.Options)) (*ec2.TerminateInstancesOutput, error)
}

// tagGroup is how EC2 Auto Scaling marks the instances of a group.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-tagging.html
const tagGroup = "aws:autoscaling:groupName"

// instances leaves out the terminated ones, which EC2 shows for about an hour more.
type instances struct{ api instanceAPI }

func (h instances) list(ctx context.Context, _ []string) (all []found, err error) {
	pages := ec2.NewDescribeInstancesPaginator(h.api, &ec2.DescribeInstancesInput{})
	err = eachPage(ctx, pages, func(page *ec2.DescribeInstancesOutput) {
		for _, r := range page.Reservations {
			for _, i := range r.Instances {
				if i.State != nil && i.State.Name == types.InstanceStateNameTerminated {
					continue
				}
				f := ec2Found(i.InstanceId, i.Tags, i.VpcId)
				f.madeBy, f.variant = f.tags[tagGroup], string(i.InstanceType)
				all = append(all, f)
			}
		}
	})
	return all, err
}

func (h instances) delete(ctx context.Context, id string, _ map[string]bool) error {
	_, err := h.api.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{id}})
	return err
}

type volumeAPI interface {
	ec2.DescribeVolumesAPIClient
	DeleteVolume(context.Context, *ec2.DeleteVolumeInput, ...func(*ec2.Options)) (*ec2.DeleteVolumeOutput, error)
}

// volumes live in the instances that they are attached to, and a loose one belongs to whom
// the snapshot belongs to that it was restored from. Most are gone with the instance;
// those that are kept at its end are deleted here.
type volumes struct{ api volumeAPI }

func (h volumes) list(ctx context.Context, _ []string) (all []found, err error) {
	pages := ec2.NewDescribeVolumesPaginator(h.api, &ec2.DescribeVolumesInput{})
	err = eachPage(ctx, pages, func(page *ec2.DescribeVolumesOutput) {
		for _, v := range page.Volumes {
			if v.State == types.VolumeStateDeleted {
				continue
			}
			f := ec2Found(v.VolumeId, v.Tags)
			if f.units = int(aws.ToInt32(v.Size)); v.VolumeType != types.VolumeTypeGp3 { // the usual one, which is priced as such
				f.variant = string(v.VolumeType)
			}
			if len(v.Attachments) == 0 {
				f.in = ids(v.SnapshotId)
			}
			for _, a := range v.Attachments {
				f.in = append(f.in, ids(a.InstanceId)...)
				f.madeBy = aws.ToString(a.InstanceId)
			}
			all = append(all, f)
		}
	})
	return all, err
}

func (h volumes) delete(ctx context.Context, id string, _ map[string]bool) error {
	_, err := h.api.DeleteVolume(ctx, &ec2.DeleteVolumeInput{VolumeId: aws.String(id)})
	return err
}
