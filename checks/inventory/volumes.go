package inventory

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Volume is an EBS volume.
type Volume struct {
	VolumeId string
	KmsKeyId string // ARN; "" where it is not encrypted
	State    string
	Tags     map[string]string
}

// Volumes reads the region's EBS volumes that carry the scope's tag.
func (i *Inventory) Volumes(ctx context.Context) ([]Volume, error) {
	return i.recovery.volumes.get("the volumes tagged "+i.Scope.String(), func() ([]Volume, error) { return i.source.readVolumes(ctx, i.Scope) })
}

// VolumeARN is the ARN of a volume, which EC2 itself does not tell.
func (i *Inventory) VolumeARN(id string) string {
	return fmt.Sprintf("arn:aws:ec2:%s:%s:volume/%s", i.Region, i.Account, id)
}

func (l live) readVolumes(ctx context.Context, scope Scope) ([]Volume, error) {
	list, err := all(ctx, ec2.NewDescribeVolumesPaginator(l.volumes, &ec2.DescribeVolumesInput{
		Filters: []types.Filter{{Name: aws.String("tag:" + scope.Key), Values: []string{scope.Value}}},
	}), func(o *ec2.DescribeVolumesOutput) []types.Volume { return o.Volumes })
	if err != nil {
		return nil, err
	}
	var found []Volume
	for _, v := range list {
		if v.State == types.VolumeStateDeleting || v.State == types.VolumeStateDeleted {
			continue
		}
		volume := Volume{VolumeId: aws.ToString(v.VolumeId), KmsKeyId: aws.ToString(v.KmsKeyId), State: string(v.State), Tags: map[string]string{}}
		for _, tag := range v.Tags {
			volume.Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
		found = append(found, volume)
	}
	return found, nil
}

func (f Facts) readVolumes(_ context.Context, scope Scope) ([]Volume, error) {
	return only(f.Volumes, func(v Volume) bool { return v.Tags[scope.Key] == scope.Value }), nil
}
