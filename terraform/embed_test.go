package terraform

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEveryLabFolderOfTheSourceTreeIsEmbeddedWhole(t *testing.T) {
	folders, err := filepath.Glob("*/versions.tf")
	require.NoError(t, err)
	require.NotEmpty(t, folders)

	for _, path := range folders {
		lab := filepath.Dir(path)
		t.Run(lab, func(t *testing.T) {
			sources, err := filepath.Glob(lab + "/*.tf")
			require.NoError(t, err)
			want := []string{".terraform.lock.hcl"}
			for _, source := range sources {
				want = append(want, filepath.Base(source))
			}

			list, err := files(lab)
			require.NoError(t, err)
			var got []string
			for _, f := range list {
				got = append(got, f.name)
			}
			assert.ElementsMatch(t, want, got)
			assert.Subset(t, got, []string{"versions.tf", "variables.tf", "main.tf", "outputs.tf"})
		})
	}
}

func TestALabPinsTheOneProviderWhoseHashesItsLockFileCarries(t *testing.T) {
	labs, err := modules.ReadDir(".")
	require.NoError(t, err)
	require.NotEmpty(t, labs)

	required := regexp.MustCompile(`(?s)required_providers \{.*?source\s+= "hashicorp/aws".*?version\s+= "([^"]+)"`)
	locked := regexp.MustCompile(`(?m)^provider "([^"]+)" \{\n\s+version\s+= "([^"]+)"`)
	for _, lab := range labs {
		t.Run(lab.Name(), func(t *testing.T) {
			versions, err := modules.ReadFile(lab.Name() + "/versions.tf")
			require.NoError(t, err)
			lock, err := modules.ReadFile(lab.Name() + "/.terraform.lock.hcl")
			require.NoError(t, err)

			pinned := required.FindSubmatch(versions)
			require.NotNil(t, pinned, "versions.tf pins hashicorp/aws")
			providers := locked.FindAllSubmatch(lock, -1)
			require.Len(t, providers, 1, "the lab uses one provider")
			assert.Equal(t, "registry.terraform.io/hashicorp/aws", string(providers[0][1]))
			assert.Equal(t, string(pinned[1]), string(providers[0][2]))
		})
	}
}

func TestExtractWritesTheModuleIntoADirectoryThatDoesNotExistYet(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run", "module")

	changed, err := Extract("networking", dir)

	require.NoError(t, err)
	assert.True(t, changed)
	for _, name := range []string{"main.tf", ".terraform.lock.hcl"} {
		want, err := os.ReadFile(filepath.Join("networking", name))
		require.NoError(t, err)
		got, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		assert.Equal(t, string(want), string(got), name)
	}
}

func TestExtractLeavesADirectoryThatIsCurrentUntouched(t *testing.T) {
	dir := t.TempDir()
	_, err := Extract("networking", dir)
	require.NoError(t, err)
	main := filepath.Join(dir, "main.tf")
	old := time.Now().Add(-time.Hour).Truncate(time.Second)
	require.NoError(t, os.Chtimes(main, old, old))

	changed, err := Extract("networking", dir)

	require.NoError(t, err)
	assert.False(t, changed)
	info, err := os.Stat(main)
	require.NoError(t, err)
	assert.True(t, info.ModTime().Equal(old), "main.tf was written again")
}

func TestExtractRepairsWhatDiffersAndKeepsWhatIsNotItsOwn(t *testing.T) {
	tests := map[string]struct {
		file    string
		before  string
		changed bool
		exists  bool
	}{
		"a half-written file is written again":           {"main.tf", "locals {", true, true},
		"a file that the module no longer has goes away": {"retired.tf", "resource {}", true, false},
		"the state stays":    {"terraform.tfstate", "{}", false, true},
		"the variables stay": {"labctl.auto.tfvars.json", "{}", false, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			_, err := Extract("networking", dir)
			require.NoError(t, err)
			path := filepath.Join(dir, test.file)
			require.NoError(t, os.WriteFile(path, []byte(test.before), 0o600))

			changed, err := Extract("networking", dir)

			require.NoError(t, err)
			assert.Equal(t, test.changed, changed)
			after, err := os.ReadFile(path)
			if !test.exists {
				assert.ErrorIs(t, err, fs.ErrNotExist)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, !test.changed, string(after) == test.before)
		})
	}
}

func TestExtractReportsADirectoryThatCannotBeMade(t *testing.T) {
	occupied := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(occupied, nil, 0o600))

	changed, err := Extract("networking", filepath.Join(occupied, "module"))

	assert.False(t, changed)
	var pathError *fs.PathError
	require.ErrorAs(t, err, &pathError)
	assert.ErrorContains(t, err, `extract lab "networking"`)
}

func TestAnUnknownLabHasNoModule(t *testing.T) {
	for _, lab := range []string{"netwoking", "", "..", "networking/main.tf"} {
		t.Run(strings.ReplaceAll("lab "+lab, "/", " "), func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "module")

			_, extractErr := Extract(lab, dir)

			assert.Error(t, extractErr)
			assert.NoDirExists(t, dir)
		})
	}
}
