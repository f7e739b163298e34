package backup

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/labs"
)

// fakeVersion is a version in a bucket that never forgets, unless its versioning is suspended.
type fakeVersion struct {
	version
	body   []byte
	locked time.Time
}

type fakeObjects struct {
	objects   map[string][]fakeVersion // the newest first
	made      int
	suspended bool
	locksFor  time.Duration // the default retention
	lax       bool          // a lock refuses nothing
	shortens  bool          // a lock can be made shorter
	refuses   bool          // every deletion of a version
	spoils    bool          // a deletion that is refused spoils the bytes all the same
}

func newFakeObjects() *fakeObjects { return &fakeObjects{objects: map[string][]fakeVersion{}} }

func (f *fakeObjects) add(key string, v fakeVersion) string {
	f.made++
	v.ID, v.At = fmt.Sprint(f.made), time.Now()
	if f.suspended {
		f.objects[key] = nil
	}
	f.objects[key] = append([]fakeVersion{v}, f.objects[key]...)
	return v.ID
}

func (f *fakeObjects) put(_ context.Context, _ string, o object) (string, error) {
	v := fakeVersion{body: o.Body}
	if f.locksFor > 0 {
		v.locked = time.Now().Add(f.locksFor)
	}
	return f.add(o.Key, v), nil
}

func (f *fakeObjects) lockFor(_ context.Context, _ string, o object, d time.Duration) (string, time.Time, error) {
	until := time.Now().Add(d)
	return f.add(o.Key, fakeVersion{body: o.Body, locked: until}), until, nil
}

func (f *fakeObjects) find(key, id string) *fakeVersion {
	list := f.objects[key]
	for n := range list {
		if list[n].ID == id || id == "" {
			return &list[n]
		}
	}
	return nil
}

func (f *fakeObjects) get(_ context.Context, _, key, id string) (body []byte, ok bool, err error) {
	v := f.find(key, id)
	if v == nil || v.Deleted {
		return nil, false, nil
	}
	return v.body, true, nil
}

func (f *fakeObjects) remove(_ context.Context, _, key, id string) error {
	if id == "" {
		f.add(key, fakeVersion{version: version{Deleted: true}})
		return nil
	}
	v := f.find(key, id)
	if f.refuses || (v.locked.After(time.Now()) && !f.lax) {
		if f.spoils {
			v.body = nil
		}
		return &smithy.GenericAPIError{Code: accessDenied}
	}
	f.objects[key] = slices.DeleteFunc(f.objects[key], func(v fakeVersion) bool { return v.ID == id })
	return nil
}

func (f *fakeObjects) versions(_ context.Context, _, key string) ([]version, error) {
	return each(f.objects[key], func(v fakeVersion) version { return v.version }), nil
}

func (f *fakeObjects) retention(_ context.Context, _, key, id string) (types.ObjectLockRetention, bool, error) {
	v := f.find(key, id)
	return types.ObjectLockRetention{Mode: types.ObjectLockRetentionModeGovernance, RetainUntilDate: &v.locked}, !v.locked.IsZero(), nil
}

func (f *fakeObjects) retain(_ context.Context, _, key, id string, until time.Time) error {
	v := f.find(key, id)
	if until.Before(v.locked) && !f.shortens {
		return &smithy.GenericAPIError{Code: accessDenied}
	}
	v.locked = until
	return nil
}

func newUndo(f *fakeObjects) *undo {
	return &undo{
		store: f, line: labs.NewTimeLine(func(labs.Moment) {}), objects: seededObjects(labs.Seeding{Seed: 1, Rows: 5}),
		bucket: resource{Kind: kindBucket, Name: "drafts", RTO: 8 * time.Hour, Tags: map[string]string{roleTag: roleDrafts}},
	}
}

func TestWhatWasOverwrittenAndDeletedComesBackFromItsVersions(t *testing.T) {
	f := newFakeObjects()
	u := newUndo(f)
	require.NoError(t, u.run(t.Context()))
	assert.Empty(t, missed(u.line))
	assert.Equal(t, "0", u.line.Measures()[0].Found)
	for _, o := range u.objects {
		body, ok, err := f.get(t.Context(), "drafts", o.Key, "")
		require.NoError(t, err)
		assert.True(t, ok)
		assert.Equal(t, o.Body, body)
	}
}

func TestABucketThatKeepsNoVersionsLosesBytes(t *testing.T) {
	f := newFakeObjects()
	f.suspended = true
	u := newUndo(f)
	require.NoError(t, u.run(t.Context()))
	assert.Equal(t, []string{"bytes lost in the drafts", "objects as before in the drafts"}, missed(u.line))
	bytes := 0
	for _, o := range u.objects {
		bytes += len(o.Body)
	}
	require.Positive(t, bytes)
	assert.NotEqual(t, "0", u.line.Measures()[0].Found)
	assert.Equal(t, "0 of 5", u.line.Measures()[1].Found)
}

func TestBytesAreCountedOneByOne(t *testing.T) {
	for want, pair := range map[int][2]string{0: {"abc", "abc"}, 1: {"abc", "abX"}, 2: {"abc", "a"}, 3: {"abc", ""}} {
		assert.Equal(t, want, differing([]byte(pair[0]), []byte(pair[1])))
	}
}

func newTheft(f *fakeObjects) *theft {
	return &theft{
		store: f, line: labs.NewTimeLine(func(labs.Moment) {}), bucket: "documents", expires: soonOver, margin: lockMargin,
		objects: []object{{"old", []byte("old")}, {"new", []byte("new")}},
	}
}

func TestALockedVersionIsJudgedByWhatItRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		bucket fakeObjects
		unmet  []string
	}{
		"a lock":                              {fakeObjects{locksFor: day}, []string{}},
		"no default retention":                {fakeObjects{}, []string{"a document that is filed now"}},
		"a lock that refuses nothing":         {fakeObjects{locksFor: day, lax: true}, []string{"deleting that version", "the version afterwards"}},
		"a lock that can be made to run out":  {fakeObjects{locksFor: day, shortens: true}, []string{"making its lock an hour shorter"}},
		"a refusal that does not help":        {fakeObjects{locksFor: day, spoils: true}, []string{"the version afterwards"}},
		"a retention that is almost over now": {fakeObjects{locksFor: time.Minute}, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				test.bucket.objects = map[string][]fakeVersion{}
				th := newTheft(&test.bucket)
				require.NoError(t, th.run(t.Context()))
				assert.Equal(t, test.unmet, missed(th.line))
			})
		})
	}
}

func TestWhoeverMayDeleteNothingProvesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeObjects()
		f.locksFor, f.refuses = day, true
		th := newTheft(f)
		var control *labs.ControlError
		require.ErrorAs(t, th.run(t.Context()), &control)
		assert.Equal(t, "deleting a version whose lock has run out", control.Control)
		assert.Empty(t, th.line.Measures())
	})
}
