package journal

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func sample(id string) Run {
	return Run{
		ID: id, Lab: "networking", Target: "local", Account: "123456789012", Region: "us-east-1", Labctl: "test",
		Created: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), State: Creating,
		Tags:  map[string]string{"labctl:run": id},
		Fault: &Fault{ID: "f", Data: map[string]string{"rule": "sgr-1"}},
	}
}

func TestWhatIsSavedIsLoadedAgain(t *testing.T) {
	j := Open(t.TempDir())
	run := sample("a1")
	require.NoError(t, j.Save(run))
	got, err := j.Load("a1")
	require.NoError(t, err)
	run.Version = Version
	assert.Equal(t, run, got)
}

func TestAFailedWriteKeepsTheOldRecordAndLeavesNoTemporaryFile(t *testing.T) {
	j := Open(t.TempDir())
	require.NoError(t, j.Save(sample("a1")))
	bad := sample("a1")
	bad.Variables = map[string]any{"x": func() {}} // cannot be encoded
	require.Error(t, j.Save(bad))

	got, err := j.Load("a1")
	require.NoError(t, err)
	assert.Equal(t, "a1", got.ID)
	entries, err := os.ReadDir(j.Dir("a1"))
	require.NoError(t, err)
	assert.Len(t, entries, 1)
}

func TestADamagedRecordIsNamedAndKept(t *testing.T) {
	for name, content := range map[string]string{
		"cut off":           `{"version":1,"id":"a1"`,
		"another version":   `{"version":9,"id":"a1","lab":"l","target":"t","region":"r","state":"ready"}`,
		"another run":       `{"version":1,"id":"b2","lab":"l","target":"t","region":"r","state":"ready"}`,
		"unknown state":     `{"version":1,"id":"a1","lab":"l","target":"t","region":"r","state":"odd"}`,
		"nothing but a run": `{"version":1,"id":"a1","state":"ready"}`,
		"empty":             ``,
	} {
		t.Run(name, func(t *testing.T) {
			j := Open(t.TempDir())
			require.NoError(t, j.Save(sample("ok")))
			require.NoError(t, os.MkdirAll(j.Dir("a1"), 0o700))
			path := filepath.Join(j.Dir("a1"), "run.json")
			require.NoError(t, os.WriteFile(path, []byte(content), 0o600))

			_, err := j.Load("a1")
			var corrupt *CorruptError
			require.ErrorAs(t, err, &corrupt)
			assert.Equal(t, path, corrupt.Path)

			runs, err := j.List()
			require.ErrorAs(t, err, &corrupt)
			require.Len(t, runs, 1, "the other records are still listed")
			assert.Equal(t, "ok", runs[0].ID)
			kept, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.Equal(t, content, string(kept))
		})
	}
}

func TestALockNamesItsHolderAndIsFreedByUnlock(t *testing.T) {
	j := Open(t.TempDir())
	lock, err := j.Lock("a1", "labctl up networking")
	require.NoError(t, err)

	_, err = j.Lock("a1", "labctl down networking")
	var locked *LockedError
	require.ErrorAs(t, err, &locked)
	assert.Equal(t, os.Getpid(), locked.Holder.PID)
	assert.Equal(t, "labctl up networking", locked.Holder.Command)

	other, err := j.Lock("b2", "labctl up iam")
	require.NoError(t, err, "another run is free")
	require.NoError(t, other.Unlock())

	require.NoError(t, lock.Unlock())
	again, err := j.Lock("a1", "labctl down networking")
	require.NoError(t, err)
	require.NoError(t, again.Unlock())
}

func TestAnArchivedRunIsNoLongerListedButKept(t *testing.T) {
	j := Open(t.TempDir())
	require.NoError(t, j.Save(sample("a1")))
	to, err := j.Archive("a1", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	require.NoError(t, err)
	assert.FileExists(t, filepath.Join(to, "run.json"))
	_, err = j.Load("a1")
	var missing *NotFoundError
	require.ErrorAs(t, err, &missing)
	runs, err := j.List()
	require.NoError(t, err)
	assert.Empty(t, runs)
}

func TestRunsAreListedOldestFirstAndAnUnfinishedDirectoryIsNoRun(t *testing.T) {
	j := Open(t.TempDir())
	late := sample("aa")
	late.Created = late.Created.Add(time.Hour)
	require.NoError(t, j.Save(late))
	require.NoError(t, j.Save(sample("bb")))
	require.NoError(t, os.MkdirAll(j.Dir("cc"), 0o700))
	runs, err := j.List()
	require.NoError(t, err)
	require.Len(t, runs, 2)
	assert.Equal(t, []string{"bb", "aa"}, []string{runs[0].ID, runs[1].ID})
}

func TestRunNamesMustFitIntoEveryAWSName(t *testing.T) {
	for id, ok := range map[string]bool{
		"networking-k3f9": true, "a1": true, "a": false, "": false, "A1": false, "1a": false, "a_b": false,
		"a--b": false, "a-": false, "../x": false, "abcdefghijklmnopqrstuvwx": true, "abcdefghijklmnopqrstuvwxy": false,
	} {
		assert.Equal(t, ok, ValidID(id) == nil, id)
	}
}

func TestWritableLooksAtTheNearestDirectoryThatExistsAndLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, Open(filepath.Join(dir, "not", "there", "yet")).Writable())
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, entries)

	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	require.ErrorContains(t, Open(filepath.Join(file, "below")).Writable(), "cannot write in")
}
