package local_test

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/runner/target/local"
)

// path makes a Manager look for Python in the given directories only.
func path(dirs ...string) func(*local.Options) {
	return func(o *local.Options) {
		o.Env = slices.DeleteFunc(slices.Clone(o.Env), func(e string) bool { return strings.HasPrefix(e, "PATH=") })
		o.Env = append(o.Env, "PATH="+strings.Join(dirs, string(os.PathListSeparator)))
	}
}

// link makes a directory that holds one name for a program.
func link(t *testing.T, program, name string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.Symlink(program, filepath.Join(dir, name)))
	return dir
}

func script(t *testing.T, name, content string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o755))
	return dir
}

// withMoto returns the Python with moto that the tests run with.
func withMoto(t *testing.T) string {
	t.Helper()
	probe := newManager(t).Probe(t.Context())
	require.NoError(t, probe.Problem)
	require.Equal(t, "5.2.1", probe.MotoVersion, "the tests need moto 5.2.1")
	return probe.Python
}

func TestPythonIsFoundBehindTheServerScript(t *testing.T) {
	t.Parallel()
	python := withMoto(t)
	broken := script(t, "python3", "#!/bin/sh\nexit 127\n")
	for name, dirs := range map[string][]string{
		"python3 on PATH":                     {filepath.Dir(python)},
		"the script of a virtual environment": {broken, script(t, "moto_server", "#!"+python+"\n")},
		"a shim beside a working Python":      {script(t, "moto_server", "#!/usr/bin/env bash\n"), broken, filepath.Dir(python)},
	} {
		t.Run(name, func(t *testing.T) {
			probe := newManager(t, path(dirs...)).Probe(t.Context())
			require.NoError(t, probe.Problem)
			assert.Equal(t, "5.2.1", probe.MotoVersion)
			assert.True(t, probe.Corrected)
			assert.False(t, probe.Own)
		})
	}
}

func TestWithoutPythonTheErrorSaysWhatToInstall(t *testing.T) {
	t.Parallel()
	for name, dir := range map[string]string{
		"an empty PATH":       t.TempDir(),
		"a shim of nothing":   script(t, "python3", "#!/bin/sh\necho no such version >&2\nexit 127\n"),
		"a Python too old":    script(t, "python3", `#!/bin/sh`+"\n"+`echo '{"path": "/usr/bin/python3.8", "version": "3.8.1", "venv": true, "suitable": false}'`+"\n"),
		"a Python sans venv":  script(t, "python3", `#!/bin/sh`+"\n"+`echo '{"path": "/usr/bin/python3", "version": "3.12.1", "venv": false, "suitable": true}'`+"\n"),
		"something different": script(t, "python3", "#!/bin/sh\necho hello\n"),
	} {
		t.Run(name, func(t *testing.T) {
			m := newManager(t, path(dir))
			_, err := m.Ensure(t.Context())
			assert.ErrorIs(t, err, local.ErrNoPython)
			assert.ErrorContains(t, err, "install Python 3.10 or newer")
			assert.ErrorIs(t, m.Probe(t.Context()).Problem, local.ErrNoPython)
		})
	}
}

// plainPython returns a Python without moto: a virtual environment is as good as the system's.
func plainPython(t *testing.T) string {
	t.Helper()
	base := withMoto(t)
	return script(t, "python3", "#!/bin/sh\nexec "+base+` -S "$@"`+"\n")
}

func TestMotoIsInstalledOnceWhereItIsMissing(t *testing.T) {
	if testing.Short() {
		t.Skip("installs some 60 packages")
	}
	t.Parallel()
	var lines []string
	cache := t.TempDir()
	use := func(o *local.Options) {
		o.CacheDir = cache
		o.Progress = func(line string) { lines = append(lines, line) }
	}
	m := newManager(t, path(plainPython(t)), use)
	before := m.Probe(t.Context())
	require.NoError(t, before.Problem)
	assert.True(t, before.Own)
	assert.Empty(t, before.MotoVersion, "it is to be installed")
	entries, err := os.ReadDir(cache)
	require.NoError(t, err)
	assert.Empty(t, entries, "Probe installs nothing")

	info := ensure(t, m)
	assert.Equal(t, "5.2.1", info.MotoVersion)
	assert.NotEmpty(t, info.Corrections)
	assert.True(t, strings.HasPrefix(info.Python, cache), info.Python)
	assert.Contains(t, strings.Join(lines, "\n"), "Collecting moto")
	for _, p := range proofs {
		t.Run(p.name, func(t *testing.T) { p.check(t, newAccount(t.Context(), info.Endpoint)) })
	}
	left, err := filepath.Glob(filepath.Join(cache, "*.tmp"))
	require.NoError(t, err)
	assert.Empty(t, left)

	lines = nil
	second := newManager(t, path(plainPython(t)), use)
	assert.Equal(t, info.Python, ensure(t, second).Python)
	assert.NotContains(t, strings.Join(lines, "\n"), "Collecting")
	assert.Equal(t, "5.2.1", second.Probe(t.Context()).MotoVersion)
}

func TestAMotoOfAnotherVersionServesWhereTheRightOneCannotBeInstalled(t *testing.T) {
	if testing.Short() {
		t.Skip("makes a virtual environment")
	}
	t.Parallel()
	var lines []string
	m := newManager(t, path(filepath.Dir(otherMoto(t))), func(o *local.Options) {
		o.Env = append(o.Env, "PIP_INDEX_URL=http://127.0.0.1:9/simple", "PIP_RETRIES=0", "PIP_CONFIG_FILE=/dev/null")
		o.Progress = func(line string) { lines = append(lines, line) }
	})
	info := ensure(t, m)
	assert.Equal(t, "5.2.99", info.MotoVersion)
	assert.Empty(t, info.Corrections)
	assert.Contains(t, strings.Join(lines, "\n"), "without corrections")
}

func TestNothingOfTheUsersSettingsReachesTheServer(t *testing.T) {
	t.Parallel()
	m := newManager(t, func(o *local.Options) {
		o.Env = append(o.Env, "AWS_CA_BUNDLE=/no/such/file", "AWS_PROFILE=production", "HTTPS_PROXY=http://127.0.0.1:9",
			"MOTO_EC2_LOAD_DEFAULT_AMIS=false", "PYTHONSTARTUP=/no/such/file", "PYTHONPATH=/no/such/dir")
	})
	env, err := os.ReadFile("/proc/" + strconv.Itoa(ensure(t, m).MotoPID) + "/environ")
	if os.IsNotExist(err) {
		t.Skip("this system does not show the environment of a process")
	}
	require.NoError(t, err)
	for _, name := range []string{"AWS_CA_BUNDLE", "AWS_PROFILE", "HTTPS_PROXY", "MOTO_EC2_LOAD_DEFAULT_AMIS", "PYTHONSTARTUP", "PYTHONPATH"} {
		assert.NotContains(t, string(env), name)
	}
	assert.Contains(t, string(env), "AWS_ACCESS_KEY_ID=labctl")
}
