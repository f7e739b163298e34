package backup

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"labctl/labs"
)

// lockStore is an objectStore whose versions can be locked.
type lockStore interface {
	objectStore
	lockFor(ctx context.Context, bucket string, o object, d time.Duration) (version string, until time.Time, err error)
	retention(ctx context.Context, bucket, key, version string) (r types.ObjectLockRetention, ok bool, err error)
	retain(ctx context.Context, bucket, key, version string, until time.Time) error
}

// theft is somebody who tries to delete a filed document.
type theft struct {
	store   lockStore
	line    *labs.TimeLine
	bucket  string
	expires time.Duration // how long the lock of the control's version lasts
	margin  time.Duration // until it is certain to have run out
	objects []object      // one for the control, one that stays locked
}

// A lock lasts until a second, by the clock of S3.
const (
	soonOver   = 3 * time.Second
	lockMargin = 2 * time.Second
)

func lockedDelete(ctx context.Context, live labs.Live, line *labs.TimeLine) error {
	bucket, err := holding(ctx, live, kindBucket, roleDocuments)
	if err != nil {
		return err
	}
	mode, err := defaultMode(ctx, live, bucket.Name)
	if err != nil {
		return err
	}
	if mode == types.ObjectLockRetentionModeCompliance {
		return labs.Lacks("bucket %s locks in compliance mode: nobody could remove what the drill would put there, and whether that is so needs no trying", bucket.Name)
	}
	if err := (traces{Buckets: []string{bucket.Name}}).remember(live.Record); err != nil {
		return err
	}
	const one = 1
	objects := seededObjects(labs.Seeding{Seed: one, Rows: 4})[2:]
	objects[0].Key, objects[1].Key = drillRow+"contract-of-last-year", drillRow+"contract"
	t := &theft{store: accountObjects{buckets(live)}, line: line, bucket: bucket.Name, expires: soonOver, margin: lockMargin, objects: objects}
	if err := t.run(ctx); err != nil {
		return err
	}
	return mayDelete(ctx, live, line, bucket.Arn)
}

// What a deletion comes to.
const (
	deletionRefused = "refused: AccessDenied"
	deleted         = "deleted"
	thereByteByByte = "there, byte for byte"
)

func (t *theft) run(ctx context.Context) error {
	if err := t.control(ctx); err != nil {
		return err
	}
	o := t.objects[1]
	id, err := t.store.put(ctx, t.bucket, o)
	if err != nil {
		return err
	}
	lock, ok, err := t.store.retention(ctx, t.bucket, o.Key, id)
	if err != nil {
		return err
	}
	if !ok || lock.RetainUntilDate == nil {
		t.line.Outcome("a document that is filed now", "not locked", "locked")
		return nil
	}
	t.line.Outcome("a document that is filed now", "locked", "locked")
	t.line.Say("Version %s is locked in %s mode until %s, by the bucket's default.", id, lock.Mode, date(*lock.RetainUntilDate))
	found, err := refusal(t.store.remove(ctx, t.bucket, o.Key, id))
	if err != nil {
		return err
	}
	t.line.Outcome("deleting that version", found, deletionRefused)
	if found == deletionRefused {
		if err := t.shorten(ctx, o.Key, id, *lock.RetainUntilDate); err != nil {
			return err
		}
	}
	body, ok, err := t.store.get(ctx, t.bucket, o.Key, id)
	if err != nil {
		return err
	}
	left := "gone"
	switch {
	case ok && bytes.Equal(body, o.Body):
		left = thereByteByByte
	case ok:
		left = "there, with other bytes"
	}
	t.line.Outcome("the version afterwards", left, thereByteByByte)
	return nil
}

// control deletes a version of the same bucket, with the same call and as the same principal, whose lock has run out.
func (t *theft) control(ctx context.Context) error {
	o := t.objects[0]
	id, until, err := t.store.lockFor(ctx, t.bucket, o, t.expires)
	if err != nil {
		return err
	}
	t.line.Say("The control: a version that is locked until %s UTC only.", clock(until))
	if err := sleep(ctx, t.expires+t.margin); err != nil {
		return err
	}
	if err := t.store.remove(ctx, t.bucket, o.Key, id); err != nil {
		return &labs.ControlError{Control: "deleting a version whose lock has run out", Err: err}
	}
	_, ok, err := t.store.get(ctx, t.bucket, o.Key, id)
	if err != nil {
		return err
	}
	if ok {
		return &labs.ControlError{Control: "deleting a version whose lock has run out", Err: fmt.Errorf("version %s is still there", id)}
	}
	t.line.Say("It could be deleted for good. So you may delete versions here: what is refused now is refused by the lock.")
	return nil
}

// shorten makes the lock longer, which everybody may who may write, and then shorter, which must be refused: a lock that can be
// made to run out now is none.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
func (t *theft) shorten(ctx context.Context, key, id string, until time.Time) error {
	longer := until.Add(time.Minute)
	if err := t.store.retain(ctx, t.bucket, key, id, longer); err != nil {
		return &labs.ControlError{Control: "making the lock longer", Err: err}
	}
	found, err := refusal(t.store.retain(ctx, t.bucket, key, id, longer.Add(-time.Hour)))
	if err != nil {
		return err
	}
	if found == deleted {
		found = "done"
	}
	t.line.Outcome("making its lock an hour shorter", found, deletionRefused)
	return nil
}

// refusal tells a refusal from everything else that can go wrong.
func refusal(err error) (string, error) {
	switch {
	case err == nil:
		return deleted, nil
	case labs.IsCode(err, accessDenied):
		return deletionRefused, nil
	default:
		return "", err
	}
}

// mayDelete asks who gets past governance mode: whoever has s3:BypassGovernanceRetention. It is asked of the policies and not
// tried: that whoever runs this drill has it would be no news, and the drill itself needs it to take its documents away.
func mayDelete(ctx context.Context, live labs.Live, line *labs.TimeLine, bucket string) error {
	for _, who := range []struct{ part, wanted string }{{roleBreakGlass, mayDo}, {roleWorkload, mayNot}, {roleBackup, mayNot}} {
		role, err := partsOf(live).role(ctx, who.part)
		if err != nil {
			return err
		}
		found := mayDo
		for _, action := range []string{"s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"} {
			answer, err := may(ctx, live, role.Arn, action, bucket+"/"+drillRow+"contract")
			if err != nil {
				return err
			}
			if answer != mayDo {
				found = answer
			}
		}
		line.Outcome(who.part+" gets past the lock, by its policies", found, who.wanted)
	}
	line.Say("You get past it too, if s3:BypassGovernanceRetention is yours: governance mode keeps out those whom you have not given it, and compliance mode everybody. This drill takes its document away with it.")
	return nil
}
