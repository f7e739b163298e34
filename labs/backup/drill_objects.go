package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"labctl/checks/report/typeset"
	"labctl/labs"
)

// object is what is put into a bucket.
type object struct {
	Key  string
	Body []byte
}

// seededObjects are the objects that a seed stands for: of all sizes up to some 60 KB, and one empty.
func seededObjects(s labs.Seeding) []object {
	random := rand.New(rand.NewPCG(s.Seed, 1)) //nolint:gosec // repeatable by intent
	list := make([]object, s.Rows)
	for n := range list {
		body := make([]byte, n*random.IntN(16<<10)%(60<<10))
		for i := range body {
			body[i] = byte(random.Uint32()) //nolint:gosec // the lowest eight bits
		}
		list[n] = object{drillRow + strconv.FormatUint(s.Seed, 10) + "/" + fmt.Sprintf("%04d.bin", n), body}
	}
	return list
}

// version is one of an object's, or a marker that says that it is deleted.
type version struct {
	ID      string
	Deleted bool
	At      time.Time
}

// objectStore is what the drills ask of a bucket that keeps versions.
type objectStore interface {
	put(ctx context.Context, bucket string, o object) (version string, err error)
	// get reads a version, or the newest one where none is named; ok is false where there is none.
	get(ctx context.Context, bucket, key, version string) (body []byte, ok bool, err error)
	// remove deletes an object, which leaves a marker, or a version for good.
	remove(ctx context.Context, bucket, key, version string) error
	versions(ctx context.Context, bucket, key string) ([]version, error) // the newest first
}

// undo brings back what was overwritten and deleted in a bucket.
type undo struct {
	store   objectStore
	line    *labs.TimeLine
	bucket  resource
	objects []object
}

func objectUndo(ctx context.Context, live labs.Live, line *labs.TimeLine) error {
	drafts, err := holding(ctx, live, kindBucket, roleDrafts)
	if err != nil {
		return err
	}
	documents, err := holding(ctx, live, kindBucket, roleDocuments)
	if err != nil {
		return err
	}
	used := []resource{drafts, documents}
	if mode, err := defaultMode(ctx, live, documents.Name); err != nil {
		return err
	} else if mode == types.ObjectLockRetentionModeCompliance {
		line.Say("The documents are locked in compliance mode: nobody could remove what a drill puts there. Only the drafts are tried.")
		used = used[:1]
	}
	left := traces{}
	for _, bucket := range used {
		left.Buckets = append(left.Buckets, bucket.Name)
	}
	if err := left.remember(live.Record); err != nil {
		return err
	}
	for _, bucket := range used {
		u := &undo{store: accountObjects{buckets(live)}, line: line, bucket: bucket, objects: seededObjects(live.Seeding)}
		if err := u.run(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (u *undo) run(ctx context.Context) error {
	u.line.Say("Putting %s into %s.", typeset.Count(len(u.objects), "object"), u.bucket.Name)
	for _, o := range u.objects {
		if _, err := u.store.put(ctx, u.bucket.Name, o); err != nil {
			return err
		}
	}
	_, spoiled, err := u.lost(ctx)
	if err != nil {
		return err
	}
	if len(spoiled) > 0 {
		return &labs.ControlError{Control: "reading back what was put into " + u.bucket.Name, Err: fmt.Errorf("%s differ", firstOf(spoiled))}
	}
	if err := u.spoil(ctx); err != nil {
		return err
	}
	began := time.Now()
	for _, o := range u.objects {
		if err := u.bringBack(ctx, o.Key); err != nil {
			return err
		}
	}
	lost, spoiled, err := u.lost(ctx)
	if err != nil {
		return err
	}
	took := time.Since(began)
	name := "in the " + u.bucket.Tags[roleTag]
	u.line.Judge("bytes lost "+name, fmt.Sprint(lost), "0", lost == 0 && len(spoiled) == 0)
	u.line.Judge("objects as before "+name, fmt.Sprintf("%d of %d", len(u.objects)-len(spoiled), len(u.objects)), fmt.Sprintf("%[1]d of %[1]d", len(u.objects)), len(spoiled) == 0)
	if len(spoiled) > 0 {
		u.line.Say("Not as before: %s.", firstOf(spoiled))
	}
	u.line.Duration("time to undo "+name, took, u.bucket.RTO)
	return nil
}

// spoil overwrites one object and deletes the next. The positive control is that both can be seen.
func (u *undo) spoil(ctx context.Context) error {
	overwritten, deleted := 0, 0
	for n, o := range u.objects {
		if n%2 == 1 {
			deleted++
			if err := u.store.remove(ctx, u.bucket.Name, o.Key, ""); err != nil {
				return err
			}
			continue
		}
		overwritten++
		sum := sha256.Sum256(append([]byte("encrypted by somebody"), o.Body...))
		if _, err := u.store.put(ctx, u.bucket.Name, object{o.Key, sum[:]}); err != nil {
			return err
		}
	}
	_, spoiled, err := u.lost(ctx)
	if err != nil {
		return err
	}
	if len(spoiled) != len(u.objects) {
		return &labs.ControlError{Control: "noticing the damage", Err: fmt.Errorf("%d of %d objects are spoiled", len(spoiled), len(u.objects))}
	}
	u.line.Say("Overwritten: %d. Deleted: %d. Somebody who reads them now gets rubbish, or nothing.", overwritten, deleted)
	return nil
}

// bringBack takes a marker away, which makes the version under it the newest again, or puts the version before the newest one
// on top: that needs no permission to delete a version, and leaves the wrong one there for whoever investigates. (CopyObject
// would spare large objects the way through here.)
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/RestoringPreviousVersions.html
func (u *undo) bringBack(ctx context.Context, key string) error {
	versions, err := u.store.versions(ctx, u.bucket.Name, key)
	if err != nil {
		return err
	}
	switch {
	case len(versions) < 2:
		return nil // there is nothing to bring back: the bytes are counted as lost
	case versions[0].Deleted:
		return u.store.remove(ctx, u.bucket.Name, key, versions[0].ID)
	}
	body, ok, err := u.store.get(ctx, u.bucket.Name, key, versions[1].ID)
	if err != nil || !ok {
		return err
	}
	_, err = u.store.put(ctx, u.bucket.Name, object{key, body})
	return err
}

// lost counts the bytes that are not as they were, and names the objects.
func (u *undo) lost(ctx context.Context) (lost int, spoiled []string, err error) {
	for _, o := range u.objects {
		body, ok, err := u.store.get(ctx, u.bucket.Name, o.Key, "")
		if err != nil {
			return lost, spoiled, err
		}
		if !ok || !bytes.Equal(body, o.Body) {
			spoiled = append(spoiled, o.Key)
			lost += differing(o.Body, body)
		}
	}
	return lost, spoiled, nil
}

// differing is how many bytes of one are not in the other, at their place.
func differing(wanted, found []byte) int {
	n := max(0, len(wanted)-len(found))
	for i := range min(len(wanted), len(found)) {
		if wanted[i] != found[i] {
			n++
		}
	}
	return n
}

// defaultMode is how a bucket locks what is put into it; empty where it does not.
func defaultMode(ctx context.Context, live labs.Live, bucket string) (types.ObjectLockRetentionMode, error) {
	got, err := buckets(live).GetObjectLockConfiguration(ctx, &s3.GetObjectLockConfigurationInput{Bucket: &bucket})
	if labs.IsCode(err, "ObjectLockConfigurationNotFoundError") {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading the Object Lock of bucket %s: %w", bucket, err)
	}
	if rule := got.ObjectLockConfiguration.Rule; rule != nil && rule.DefaultRetention != nil {
		return rule.DefaultRetention.Mode, nil
	}
	return "", nil
}

// accountObjects is S3.
type accountObjects struct{ api *s3.Client }

// lockChecksum goes with what is put into a bucket with Object Lock, which takes nothing without.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
const lockChecksum = types.ChecksumAlgorithmSha256

func (a accountObjects) put(ctx context.Context, bucket string, o object) (string, error) {
	made, err := a.api.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &o.Key, Body: bytes.NewReader(o.Body), ChecksumAlgorithm: lockChecksum})
	if err != nil {
		return "", fmt.Errorf("putting %s into %s: %w", o.Key, bucket, err)
	}
	return aws.ToString(made.VersionId), nil
}

func (a accountObjects) get(ctx context.Context, bucket, key, version string) (body []byte, ok bool, err error) {
	got, err := a.api.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key, VersionId: nonEmpty(version)})
	if labs.IsCode(err, "NoSuchKey", "NoSuchVersion") {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("reading %s in %s: %w", key, bucket, err)
	}
	defer got.Body.Close() //nolint:errcheck // it has been read
	body, err = io.ReadAll(got.Body)
	if err != nil {
		return nil, false, fmt.Errorf("reading %s in %s: %w", key, bucket, err)
	}
	return body, true, nil
}

func (a accountObjects) remove(ctx context.Context, bucket, key, version string) error {
	if _, err := a.api.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &bucket, Key: &key, VersionId: nonEmpty(version)}); err != nil {
		return fmt.Errorf("deleting %s in %s: %w", key, bucket, err)
	}
	return nil
}

func (a accountObjects) versions(ctx context.Context, bucket, key string) ([]version, error) {
	var found []version
	pages := s3.NewListObjectVersionsPaginator(a.api, &s3.ListObjectVersionsInput{Bucket: &bucket, Prefix: &key})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("listing the versions of %s in %s: %w", key, bucket, err)
		}
		newest := "" // of several versions that were made in the same second
		for _, v := range page.Versions {
			if aws.ToString(v.Key) == key {
				found = append(found, version{ID: aws.ToString(v.VersionId), At: aws.ToTime(v.LastModified)})
				if aws.ToBool(v.IsLatest) {
					newest = aws.ToString(v.VersionId)
				}
			}
		}
		for _, m := range page.DeleteMarkers {
			if aws.ToString(m.Key) == key {
				found = append(found, version{ID: aws.ToString(m.VersionId), Deleted: true, At: aws.ToTime(m.LastModified)})
				if aws.ToBool(m.IsLatest) {
					newest = aws.ToString(m.VersionId)
				}
			}
		}
		slices.SortStableFunc(found, func(x, y version) int {
			if (x.ID == newest) != (y.ID == newest) {
				if x.ID == newest {
					return -1
				}
				return 1
			}
			return y.At.Compare(x.At)
		})
	}
	return found, nil
}

// lockFor puts an object that is locked until some time after now, and returns when that is by the clock of S3.
func (a accountObjects) lockFor(ctx context.Context, bucket string, o object, d time.Duration) (version string, until time.Time, err error) {
	got, err := a.api.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &bucket})
	if err != nil {
		return "", until, fmt.Errorf("asking for the time: %w", err)
	}
	now, ok := awsmiddleware.GetServerTime(got.ResultMetadata)
	if !ok {
		return "", until, errNoDate
	}
	until = now.Add(d)
	made, err := a.api.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &bucket, Key: &o.Key, Body: bytes.NewReader(o.Body), ChecksumAlgorithm: lockChecksum, ObjectLockMode: types.ObjectLockModeGovernance, ObjectLockRetainUntilDate: &until,
	})
	if err != nil {
		return "", until, fmt.Errorf("putting %s into %s: %w", o.Key, bucket, err)
	}
	return aws.ToString(made.VersionId), until, nil
}

// retention is how a version is locked; ok is false where it is not.
func (a accountObjects) retention(ctx context.Context, bucket, key, version string) (r types.ObjectLockRetention, ok bool, err error) {
	got, err := a.api.GetObjectRetention(ctx, &s3.GetObjectRetentionInput{Bucket: &bucket, Key: &key, VersionId: &version})
	if labs.IsCode(err, "NoSuchObjectLockConfiguration", "InvalidRequest") {
		return r, false, nil
	}
	if err != nil {
		return r, false, fmt.Errorf("reading the retention of %s in %s: %w", key, bucket, err)
	}
	return *got.Retention, true, nil
}

// retain changes until when a version is locked, without getting around governance mode.
func (a accountObjects) retain(ctx context.Context, bucket, key, version string, until time.Time) error {
	_, err := a.api.PutObjectRetention(ctx, &s3.PutObjectRetentionInput{
		Bucket: &bucket, Key: &key, VersionId: &version, ChecksumAlgorithm: lockChecksum,
		Retention: &types.ObjectLockRetention{Mode: types.ObjectLockRetentionModeGovernance, RetainUntilDate: &until},
	})
	if err != nil {
		return fmt.Errorf("changing the retention of %s in %s: %w", key, bucket, err)
	}
	return nil
}

func nonEmpty(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
