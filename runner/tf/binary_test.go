package tf

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestANamedBinaryMustBeATerraformInTheRange(t *testing.T) {
	for _, c := range []struct{ name, version, body, says string }{
		{"too old", "1.8.5", "", "is Terraform 1.8.5, labctl needs " + VersionRange},
		{"too new", "2.0.0", "", "is Terraform 2.0.0, labctl needs " + VersionRange},
		{"fails", "", "exit 3", "is not a Terraform that runs: `terraform version`: exit status 3"},
		{"talks about something else", "", "echo hello", "is not a Terraform that runs"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "terraform")
			if c.version != "" {
				fakeTerraform(t, filepath.Dir(path), c.version, "")
			} else {
				writeTest(t, path, "#!/bin/sh\n"+c.body+"\n")
				require.NoError(t, os.Chmod(path, 0o755))
			}
			_, err := Find(t.Context(), FindOptions{Explicit: path, CacheDir: t.TempDir()})
			var wrong *BinaryError
			require.ErrorAs(t, err, &wrong)
			assert.Equal(t, c.version, wrong.Version)
			assert.Equal(t, SourceFlag, wrong.Source)
			assert.ErrorContains(t, err, c.says)
			assert.ErrorContains(t, err, "let labctl install "+PinnedVersion, "the error says what to do next")
		})
	}
}

func TestANamedBinaryThatIsNotThereIsAnErrorAndNotReplaced(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	writeTest(t, plain, "no program")
	for _, name := range []string{filepath.Join(dir, "absent"), plain, dir} {
		_, err := Find(t.Context(), FindOptions{Env: name, Path: os.Getenv("PATH"), CacheDir: t.TempDir()})
		var wrong *BinaryError
		require.ErrorAs(t, err, &wrong)
		assert.Equal(t, SourceVariable, wrong.Source)
	}
}

func TestTheFlagWinsOverTheVariableOverPath(t *testing.T) {
	flag, variable, path := t.TempDir(), t.TempDir(), t.TempDir()
	o := FindOptions{Explicit: fakeTerraform(t, flag, "1.9.0", ""), Env: fakeTerraform(t, variable, "1.10.0", ""), Path: path, CacheDir: t.TempDir()}
	fakeTerraform(t, path, "1.11.0", "")

	b, err := Probe(t.Context(), o)
	require.NoError(t, err)
	assert.Equal(t, Binary{Path: filepath.Join(flag, "terraform"), Version: "1.9.0", Source: SourceFlag}, b)
	o.Explicit = ""
	b, err = Probe(t.Context(), o)
	require.NoError(t, err)
	assert.Equal(t, Binary{Path: filepath.Join(variable, "terraform"), Version: "1.10.0", Source: SourceVariable}, b)
	o.Env = ""
	b, err = Probe(t.Context(), o)
	require.NoError(t, err)
	assert.Equal(t, Binary{Path: filepath.Join(path, "terraform"), Version: "1.11.0", Source: SourcePath}, b)
}

func TestPathIsSearchedPastABinaryThatIsTooOld(t *testing.T) {
	old, good := t.TempDir(), t.TempDir()
	fakeTerraform(t, old, "1.5.7", "")
	fakeTerraform(t, good, "1.12.2", "")
	b, err := Probe(t.Context(), FindOptions{Path: old + string(os.PathListSeparator) + good, CacheDir: t.TempDir()})
	require.NoError(t, err)
	assert.Equal(t, filepath.Join(good, "terraform"), b.Path)
}

func TestARelativeBinaryIsMadeAbsolute(t *testing.T) {
	dir := t.TempDir()
	fakeTerraform(t, dir, "1.11.4", "")
	t.Chdir(dir)
	for _, o := range []FindOptions{{Explicit: "./terraform"}, {Path: "."}} {
		b, err := Probe(t.Context(), o)
		require.NoError(t, err)
		assert.True(t, filepath.IsAbs(b.Path), b.Path)
	}
}

func TestTheUsersTerraformSettingsDoNotReachTheProbe(t *testing.T) {
	t.Setenv("TF_CLI_ARGS", "-boom")
	t.Setenv("TF_LOG", "trace")
	dir := t.TempDir()
	writeTest(t, filepath.Join(dir, "terraform"), "#!/bin/sh\n[ -z \"$TF_CLI_ARGS$TF_LOG\" ] && echo '{\"terraform_version\":\"1.11.4\"}'\n")
	require.NoError(t, os.Chmod(filepath.Join(dir, "terraform"), 0o755))
	_, err := Probe(t.Context(), FindOptions{Explicit: filepath.Join(dir, "terraform")})
	assert.NoError(t, err)
}

func TestAHangingBinaryGivesWayToTheContext(t *testing.T) {
	dir := t.TempDir()
	writeTest(t, filepath.Join(dir, "terraform"), "#!/bin/sh\nexec sleep 60\n")
	require.NoError(t, os.Chmod(filepath.Join(dir, "terraform"), 0o755))
	ctx, cancel := context.WithTimeout(t.Context(), 200_000_000)
	defer cancel()
	_, err := Probe(ctx, FindOptions{Explicit: filepath.Join(dir, "terraform")})
	assert.ErrorIs(t, err, context.DeadlineExceeded)
}

// fakeRelease installs a script, and counts.
func fakeRelease(t *testing.T, count *int) func(context.Context, string) error {
	var mu sync.Mutex
	return func(_ context.Context, dir string) error {
		mu.Lock()
		defer mu.Unlock()
		*count++
		fakeTerraform(t, dir, PinnedVersion, "")
		return nil
	}
}

func TestWithoutATerraformThePinnedReleaseIsInstalledOnce(t *testing.T) {
	var installed int
	var told []string
	o := FindOptions{Path: t.TempDir(), CacheDir: t.TempDir(), install: fakeRelease(t, &installed)}

	_, err := Probe(t.Context(), o)
	require.ErrorIs(t, err, ErrNoBinary)
	assert.Zero(t, installed, "a probe installs nothing")

	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			b, err := Find(t.Context(), o)
			assert.NoError(t, err)
			assert.Equal(t, Binary{Path: pinnedPath(o.CacheDir), Version: PinnedVersion, Source: SourceCache}, b)
		})
	}
	wg.Wait()
	assert.Equal(t, 1, installed)

	o.Progress = func(m string) { told = append(told, m) }
	_, err = Find(t.Context(), o)
	require.NoError(t, err)
	assert.Empty(t, told, "nothing is downloaded any more")
	b, err := Probe(t.Context(), o)
	require.NoError(t, err)
	assert.Equal(t, SourceCache, b.Source)
}

func TestABrokenInstallationIsReplaced(t *testing.T) {
	var installed int
	var told []string
	o := FindOptions{CacheDir: t.TempDir(), install: fakeRelease(t, &installed), Progress: func(m string) { told = append(told, m) }}
	writeTest(t, pinnedPath(o.CacheDir), "half a program")
	writeTest(t, filepath.Dir(pinnedPath(o.CacheDir))+".new/terraform", "left by a killed installation")
	_, err := Find(t.Context(), o)
	require.NoError(t, err)
	assert.Len(t, told, 1)
	assert.NoDirExists(t, filepath.Dir(pinnedPath(o.CacheDir))+".new")
}

func TestAFailedDownloadLeavesNothingAndSaysWhatToDo(t *testing.T) {
	o := FindOptions{CacheDir: t.TempDir(), install: func(_ context.Context, dir string) error {
		writeTest(t, filepath.Join(dir, "terraform"), "half")
		return errors.New("no route to host")
	}}
	_, err := Find(t.Context(), o)
	require.ErrorIs(t, err, ErrInstall)
	assert.ErrorContains(t, err, "put it on PATH, or name it with --terraform")
	assert.NoFileExists(t, pinnedPath(o.CacheDir))
	assert.NoDirExists(t, filepath.Dir(pinnedPath(o.CacheDir))+".new")
}

func TestTheRealTerraformIsFound(t *testing.T) {
	b := realTerraform(t)
	assert.NotEmpty(t, b.Version)
	assert.True(t, filepath.IsAbs(b.Path))
}
