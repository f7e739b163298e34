package backup

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"labctl/labs"
)

// disk is what a restored volume has in common with its original, or not.
type disk struct {
	ID, Zone, Type string
	GiB            int
	Encrypted      bool
	Key            string // ARN
	Tags           map[string]string
}

// diskMaker makes a volume out of a backup of another one.
type diskMaker interface {
	read(ctx context.Context, id string) (disk, error)
	make(ctx context.Context, original disk) (id string, err error)
}

// diskLoss is an exercise that restores a volume beside the original.
type diskLoss struct {
	maker     diskMaker
	line      *labs.TimeLine
	volume    resource
	simulated bool
}

func volumeRestore(ctx context.Context, live labs.Live, line *labs.TimeLine) error {
	volume, err := holding(ctx, live, kindVolume, roleIndex)
	if err != nil {
		return err
	}
	d := &diskLoss{line: line, volume: volume, simulated: live.Support[snapshotKeys].Simulated}
	left := traces{Token: rand.Text(), Since: time.Now().Add(-time.Minute)} // clocks differ
	api := ec2.NewFromConfig(live.Config)
	if !hasJobs(live) {
		line.Say("This target has no backup jobs: a snapshot takes their place.")
		if err := left.remember(live.Record); err != nil {
			return err
		}
		d.maker = snapshotDisks{api, line, live.Tags, left.Token}
		return d.run(ctx)
	}
	j, err := newJobs(ctx, live, line)
	if err != nil {
		return err
	}
	point, err := d.newestPoint(ctx, j)
	if err != nil {
		return err
	}
	left.Point = point
	if err := left.remember(live.Record); err != nil {
		return err
	}
	d.maker = vaultDisks{snapshotDisks{api, line, live.Tags, left.Token}, j, point}
	return d.run(ctx)
}

// newestPoint is the newest recovery point, whose age is what would be lost; where there is none, one is made.
func (d *diskLoss) newestPoint(ctx context.Context, j *jobs) (string, error) {
	newest, ok, err := j.newest(ctx, d.volume.Arn)
	if err != nil {
		return "", err
	}
	if !ok {
		d.line.Outcome("recovery points of the volume in the vault", "none", "some")
		d.line.Say("One is made now.")
		return j.backUp(ctx, d.volume.Arn)
	}
	d.line.Say("The newest recovery point of the volume in vault %s is %s.", j.maker.vault, pointName(aws.ToString(newest.RecoveryPointArn)))
	d.line.Duration("data lost: the age of that recovery point", time.Since(aws.ToTime(newest.CreationDate)).Round(time.Second), d.volume.RPO)
	return aws.ToString(newest.RecoveryPointArn), nil
}

func (d *diskLoss) run(ctx context.Context) error {
	original, err := d.maker.read(ctx, d.volume.Name)
	if err != nil {
		return err
	}
	d.line.Say("The original, %s: %s.", original.ID, original)
	began := time.Now()
	bounded, done := context.WithTimeout(ctx, patience*d.volume.RTO)
	defer done()
	id, err := d.maker.make(bounded, original)
	if err != nil {
		return tooLate(ctx, d.line, d.volume.RTO, err)
	}
	took := time.Since(began)
	made, err := d.maker.read(ctx, id)
	if err != nil {
		return err
	}
	d.line.Say("The copy, %s: %s.", made.ID, made)
	d.line.Outcome("size", made.size(), original.size())
	d.line.Outcome("type", made.Type, original.Type)
	d.line.Outcome("encryption", made.encryption(), original.encryption())
	d.line.Outcome("tags that differ", original.otherTags(made), "none")
	d.line.Duration("recovery time", took, d.volume.RTO)
	d.estimate()
	return nil
}

// What a disk of production is taken to be. Its blocks come from the snapshot as they are read, at a rate that fluctuates, or
// at one that is paid for: 100 to 300 MiB/s.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ebs-initialize.html
const (
	productionGiB = 500
	slowRate      = 100 // MiB/s
	fastRate      = 300
)

func (d *diskLoss) estimate() {
	at := func(rate int) string {
		return span((time.Duration(productionGiB*1024/rate) * time.Second).Round(time.Minute))
	}
	if d.simulated {
		d.line.Say("This target makes a volume at once: its recovery time tells whether the procedure works, not how long AWS takes.")
	}
	d.line.Say("An estimate for %d GiB: on AWS the volume can be attached within minutes whatever its size, but reads at full speed only when all blocks have come from the snapshot: "+
		"%s at %d MiB/s, %s at %d MiB/s, the rates that AWS sells; without one the rate fluctuates (docs.aws.amazon.com/AWSEC2/latest/UserGuide/ebs-initialize.html).", productionGiB, at(slowRate), slowRate, at(fastRate), fastRate)
	d.line.Say("What is on the disk is not compared: that takes an instance which mounts both.")
}

func (d disk) String() string {
	return fmt.Sprintf("%s, %s, %s, %s", d.size(), d.Type, d.Zone, d.encryption())
}

func (d disk) size() string { return strconv.Itoa(d.GiB) + " GiB" }

func (d disk) encryption() string {
	if !d.Encrypted {
		return "not encrypted"
	}
	return "encrypted with " + path.Base(d.Key)
}

// otherTags names the tags that a copy lacks or has with another value. The name is a copy's own.
func (d disk) otherTags(made disk) string {
	var differ []string
	for _, key := range slices.Sorted(maps.Keys(d.Tags)) {
		if value, ok := made.Tags[key]; key != "Name" && (!ok || value != d.Tags[key]) {
			differ = append(differ, key)
		}
	}
	if len(differ) == 0 {
		return "none"
	}
	return strings.Join(differ, ", ")
}

// snapshotDisks makes a snapshot of its own, and a volume of that, in the name of whoever runs the drill.
type snapshotDisks struct {
	api   *ec2.Client
	line  *labs.TimeLine
	run   map[string]string
	token string
}

func (s snapshotDisks) read(ctx context.Context, id string) (disk, error) {
	got, err := s.api.DescribeVolumes(ctx, &ec2.DescribeVolumesInput{VolumeIds: []string{id}})
	if err != nil {
		return disk{}, fmt.Errorf("reading volume %s: %w", id, err)
	}
	if len(got.Volumes) == 0 {
		return disk{}, labs.Lacks("volume %s is gone", id)
	}
	v := got.Volumes[0]
	d := disk{
		ID: id, Zone: aws.ToString(v.AvailabilityZone), Type: string(v.VolumeType), GiB: int(aws.ToInt32(v.Size)), Encrypted: aws.ToBool(v.Encrypted),
		Key: aws.ToString(v.KmsKeyId), Tags: map[string]string{},
	}
	for _, tag := range v.Tags {
		d.Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return d, nil
}

func (s snapshotDisks) make(ctx context.Context, original disk) (string, error) {
	snapshot, err := s.api.CreateSnapshot(ctx, &ec2.CreateSnapshotInput{VolumeId: &original.ID, TagSpecifications: s.tagged(types.ResourceTypeSnapshot, s.run)})
	if err != nil {
		return "", fmt.Errorf("making a snapshot of %s: %w", original.ID, err)
	}
	id := aws.ToString(snapshot.SnapshotId)
	_, err = poll(ctx, func(text string) { s.line.Say("%s", text) }, func() (bool, string, error) {
		got, err := s.api.DescribeSnapshots(ctx, &ec2.DescribeSnapshotsInput{SnapshotIds: []string{id}})
		if err != nil {
			return false, "", fmt.Errorf("reading snapshot %s: %w", id, err)
		}
		if len(got.Snapshots) == 0 {
			return false, "", labs.Lacks("snapshot %s is gone", id)
		}
		if state := got.Snapshots[0].State; state != types.SnapshotStateCompleted {
			return false, fmt.Sprintf("snapshot %s is %s", id, state), nil
		}
		return true, "", nil
	})
	if err != nil {
		return "", err
	}
	s.line.Say("The original's tags do not come with a snapshot: they are set on the new volume, one by one.")
	made, err := s.api.CreateVolume(ctx, &ec2.CreateVolumeInput{
		AvailabilityZone: &original.Zone, SnapshotId: &id, VolumeType: types.VolumeType(original.Type), TagSpecifications: s.tagged(types.ResourceTypeVolume, original.Tags),
	})
	if err != nil {
		return "", fmt.Errorf("making a volume of %s: %w", id, err)
	}
	return aws.ToString(made.VolumeId), s.available(ctx, aws.ToString(made.VolumeId))
}

func (s snapshotDisks) available(ctx context.Context, id string) error {
	_, err := poll(ctx, func(text string) { s.line.Say("%s", text) }, func() (bool, string, error) {
		got, err := s.api.DescribeVolumes(ctx, &ec2.DescribeVolumesInput{VolumeIds: []string{id}})
		if err != nil {
			return false, "", fmt.Errorf("reading volume %s: %w", id, err)
		}
		if len(got.Volumes) == 0 {
			return false, "", labs.Lacks("volume %s is gone", id)
		}
		if state := got.Volumes[0].State; state != types.VolumeStateAvailable {
			return false, fmt.Sprintf("volume %s is %s", id, state), nil
		}
		return true, "", nil
	})
	return err
}

func (s snapshotDisks) tagged(what types.ResourceType, tags map[string]string) []types.TagSpecification {
	spec := types.TagSpecification{ResourceType: what, Tags: []types.Tag{{Key: aws.String(tokenTag), Value: &s.token}}}
	for key, value := range tags {
		spec.Tags = append(spec.Tags, types.Tag{Key: &key, Value: &value})
	}
	return []types.TagSpecification{spec}
}

// vaultDisks restores a recovery point, as the restore role.
type vaultDisks struct {
	snapshotDisks
	jobs  *jobs
	point string
}

func (v vaultDisks) make(ctx context.Context, original disk) (string, error) {
	v.line.Say("Restoring the recovery point to a new volume in %s, as %s.", original.Zone, path.Base(v.jobs.restore))
	arn, err := v.jobs.run(ctx, v.point, map[string]string{"availabilityZone": original.Zone, "volumeType": original.Type}, true)
	if err != nil {
		return "", err
	}
	return path.Base(arn), v.available(ctx, path.Base(arn))
}
