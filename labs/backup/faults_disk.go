package backup

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"labctl/labs"
)

// faultTag marks what a fault has made, so that its undo finds it.
const faultTag = "labctl:fault"

// newDisk adds a volume that states its objectives and is in no selection. Nothing that was there is changed, so its undo
// needs no record but the tag.
func newDisk() labs.Fault {
	const id = "new-disk"
	return labs.Fault{
		ID:     id,
		Title:  "The index was moved to a second disk last week. Everything that was ever backed up still is.",
		Answer: "A new volume holds data and has no tag labctl:backup: no selection includes it, and it has no recovery point.",
		Breaks: []string{"bk-coverage", "bk-fresh"},
		Twin:   true,
		Hints: []string{
			"Plan and selection are as they were, and so is what they select.",
			"What is there today that was not there when the plan was written?",
			"List the volumes of the run with their tags.",
		},
		Inject: func(ctx context.Context, live labs.Live, _ labs.Record) error {
			beside, err := partsOf(live).volume(ctx)
			if err != nil {
				return err
			}
			api := ec2.NewFromConfig(live.Config)
			got, err := api.DescribeVolumes(ctx, &ec2.DescribeVolumesInput{VolumeIds: []string{beside.VolumeId}})
			if err != nil {
				return fmt.Errorf("reading volume %s: %w", beside.VolumeId, err)
			}
			if len(got.Volumes) == 0 {
				return labs.Lacks("volume %s is gone", beside.VolumeId)
			}
			old := got.Volumes[0]
			tags := maps.Clone(beside.Tags)
			delete(tags, backupTag)
			tags[faultTag] = id
			made, err := api.CreateVolume(ctx, &ec2.CreateVolumeInput{
				AvailabilityZone: old.AvailabilityZone, Size: old.Size, VolumeType: old.VolumeType, Encrypted: old.Encrypted, KmsKeyId: old.KmsKeyId,
				TagSpecifications: []types.TagSpecification{{ResourceType: types.ResourceTypeVolume, Tags: ec2Tags(tags)}},
			})
			if err != nil {
				return fmt.Errorf("making a volume: %w", err)
			}
			err = ec2.NewVolumeAvailableWaiter(api).Wait(ctx, &ec2.DescribeVolumesInput{VolumeIds: []string{aws.ToString(made.VolumeId)}}, 2*time.Minute)
			if err != nil {
				return fmt.Errorf("waiting for volume %s: %w", aws.ToString(made.VolumeId), err)
			}
			return nil
		},
		Undo: func(ctx context.Context, live labs.Live, _ labs.Record) error {
			api := ec2.NewFromConfig(live.Config)
			got, err := api.DescribeVolumes(ctx, &ec2.DescribeVolumesInput{Filters: []types.Filter{
				{Name: aws.String("tag:" + live.Inventory.Scope.Key), Values: []string{live.Inventory.Scope.Value}},
				{Name: aws.String("tag:" + faultTag), Values: []string{id}},
			}})
			if err != nil {
				return fmt.Errorf("looking for the volume that was made: %w", err)
			}
			var failed []error
			for _, volume := range got.Volumes {
				_, err := api.DeleteVolume(ctx, &ec2.DeleteVolumeInput{VolumeId: volume.VolumeId})
				failed = append(failed, labs.Unless(err, "InvalidVolume.NotFound"))
			}
			return errors.Join(failed...)
		},
	}
}

func ec2Tags(tags map[string]string) []types.Tag {
	var list []types.Tag
	for key, value := range tags {
		list = append(list, types.Tag{Key: aws.String(key), Value: aws.String(value)})
	}
	return list
}
