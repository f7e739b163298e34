package tf

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ranInit reports whether an Init started Terraform: only an operation writes a log.
func ranInit(t *testing.T, w *Workspace) bool {
	t.Helper()
	log := filepath.Join(w.dir, LogName)
	defer os.Remove(log)
	require.NoError(t, w.Init(t.Context()))
	return exists(log)
}

func TestInitRunsTerraformOnlyForWhatIsNew(t *testing.T) {
	config, lock := awsConfig(t, "")
	cache := t.TempDir()
	shared := func(o *Options) { o.CacheDir = cache }
	first := newWorkspace(t, config, lock, shared)
	assert.True(t, ranInit(t, first), "the configuration is new to the machine")
	assert.False(t, ranInit(t, first), "nothing has changed")

	second := newWorkspace(t, config, lock, shared)
	assert.False(t, ranInit(t, second), "another run of the same lab copies the links")
	provider := filepath.Join(second.dir, dataDirName, "providers", "registry.terraform.io", "hashicorp", "aws", "5.100.0")
	assert.DirExists(t, provider)

	require.NoError(t, os.RemoveAll(filepath.Join(second.dir, dataDirName)))
	assert.False(t, ranInit(t, second), "lost links are copied again")
	assert.DirExists(t, provider)

	writeTest(t, filepath.Join(second.dir, "more.tf"), "locals { x = 1 }\n")
	assert.True(t, ranInit(t, second), "the configuration has changed")
	assert.False(t, ranInit(t, second))

	second.binary.Version = "1.99.0"
	assert.True(t, ranInit(t, second), "the binary has changed")
}

func TestInitRunsAgainWhenTheProviderThatItLinkedIsGone(t *testing.T) {
	config, lock := awsConfig(t, "")
	mirror := t.TempDir()
	aws := Provider{"registry.terraform.io/hashicorp/aws", "5.100.0"}
	machine, _ := FindProvider(DefaultMirrors(os.Getenv), aws)
	unpacked := filepath.Join(aws.Source, aws.Version, runtime.GOOS+"_"+runtime.GOARCH)
	require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(mirror, unpacked)), 0o755))
	require.NoError(t, os.Symlink(filepath.Join(machine, unpacked), filepath.Join(mirror, unpacked)))
	w := newWorkspace(t, config, lock, func(o *Options) { o.Mirrors = []string{mirror} })
	require.True(t, ranInit(t, w))
	require.NoError(t, os.Rename(mirror, mirror+"-moved"))
	t.Cleanup(func() { os.RemoveAll(mirror + "-moved") })
	w.mirrors = []string{mirror + "-moved"}
	assert.True(t, ranInit(t, w))
	assert.False(t, ranInit(t, w))
}

func TestInitIsNotHurtByABrokenConfigurationOfTheUser(t *testing.T) {
	config, lock := awsConfig(t, "")
	t.Setenv("TF_CLI_CONFIG_FILE", "/does/not/exist")
	t.Setenv("TF_CLI_ARGS_init", "-boom")
	t.Setenv("TF_PLUGIN_CACHE_DIR", "/does/not/exist")
	assert.True(t, ranInit(t, newWorkspace(t, config, lock)))
}

func TestInitRefusesAProviderWhoseChecksumIsNotTheOnePinned(t *testing.T) {
	config, lock := awsConfig(t, "")
	w := newWorkspace(t, config, lock)
	forged := strings.ReplaceAll(strings.ReplaceAll(awsLock, "h1:I", "h1:J"), "h1:e", "h1:f")
	writeTest(t, filepath.Join(w.dir, lockFileName), forged)
	err := w.Init(t.Context())
	var failure *Error
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, opInit, failure.Op)
	assert.ErrorContains(t, err, "Failed to install provider")
	assert.Equal(t, forged, readTest(t, filepath.Join(w.dir, lockFileName)))
	assert.False(t, w.initialised(""), "a failed init is not taken for a successful one")
}

func TestInitOfABadConfigurationSaysWhereItIsBad(t *testing.T) {
	w := newWorkspace(t, "resource {\n")
	err := w.Init(t.Context())
	var failure *Error
	require.ErrorAs(t, err, &failure)
	require.NotEmpty(t, failure.Errors())
	assert.Equal(t, "main.tf", failure.Errors()[0].File)
}

func TestOneInitAtATimeFillsThePluginCache(t *testing.T) {
	dir := t.TempDir()
	// The script fails when another one is in its critical section.
	w := fakeWorkspace(t, "mkdir "+dir+"/busy || exit 9; sleep 0.05; rmdir "+dir+"/busy; echo '{}'")
	var wg sync.WaitGroup
	for range 4 {
		one, err := New(Options{Dir: t.TempDir(), Binary: w.binary, CacheDir: w.cacheDir})
		require.NoError(t, err)
		wg.Go(func() { assert.NoError(t, one.Init(t.Context())) })
	}
	wg.Wait()
}

func TestAnInitThatWouldWaitForTheCacheGivesWayToTheContext(t *testing.T) {
	w := fakeWorkspace(t, "")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.ErrorIs(t, w.Init(ctx), context.Canceled)
}

func TestAnInitMayOnlyAddChecksums(t *testing.T) {
	before := parseLocks([]byte(awsLock))
	require.Len(t, before, 1)
	require.Equal(t, []Provider{{"registry.terraform.io/hashicorp/aws", "5.100.0"}}, before.providers())
	require.Len(t, before["registry.terraform.io/hashicorp/aws"].hashes, 2)
	for _, c := range []struct {
		name, from, to string
		allowed        bool
	}{
		{"nothing", "", "", true},
		{"a checksum more", "  hashes = [\n", "  hashes = [\n    \"h1:new=\",\n", true},
		{"another version", `"5.100.0"`, `"5.101.0"`, false},
		{"a checksum less", `    "h1:Ijt7pOlB7Tr7maGQIqtsLFbl7pSMIj06TVdkoSBcYOw=",`, "", false},
		{"another provider", "provider \"registry.terraform.io/hashicorp/aws\"", "provider \"example.com/x/aws\"", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := onlyHashesAdded(before, parseLocks([]byte(strings.ReplaceAll(awsLock, c.from, c.to))))
			assert.Equal(t, !c.allowed, errors.Is(err, errLockChanged), "%v", err)
		})
	}
}

func TestALockFileThatInitChangedIsRestored(t *testing.T) {
	w := fakeWorkspace(t, `sed -i.bak 's/5\.100\.0/6.0.0/' .terraform.lock.hcl`)
	writeTest(t, filepath.Join(w.dir, lockFileName), awsLock)
	require.ErrorIs(t, w.Init(t.Context()), errLockChanged)
	assert.Equal(t, awsLock, readTest(t, filepath.Join(w.dir, lockFileName)))
}

func TestACopiedProviderIsNotCopiedIntoTheInitCache(t *testing.T) {
	dir := t.TempDir()
	writeTest(t, filepath.Join(dir, dataDirName, "providers", "big"), strings.Repeat("x", cacheable+1))
	cache := initCache{dir: t.TempDir()}
	require.ErrorIs(t, cache.save("key", dir), errNotCacheable)
	left, err := os.ReadDir(cache.dir)
	require.NoError(t, err)
	assert.Empty(t, left)
}
