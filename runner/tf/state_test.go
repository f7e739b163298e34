package tf

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func stateWorkspace(t *testing.T, text string) *Workspace {
	t.Helper()
	w, err := New(Options{Dir: t.TempDir(), Binary: Binary{Path: "/none"}, CacheDir: t.TempDir()})
	require.NoError(t, err)
	writeTest(t, filepath.Join(w.dir, stateName), text)
	return w
}

const smallState = `{"version":4,"outputs":{"n":{"value":3,"type":"number"}},"resources":[
 {"mode":"data","type":"aws_region","name":"here","instances":[{"attributes":{"id":"eu"}}]},
 {"mode":"managed","type":"aws_vpc","name":"one","instances":[{"attributes":{"id":"vpc-1","arn":"arn:vpc-1"}}]},
 {"mode":"managed","type":"aws_subnet","name":"by_key","instances":[{"index_key":"a","attributes":{"id":"subnet-1"}},{"index_key":"b","status":"tainted","attributes":{"id":null}}]},
 {"module":"module.m[0]","mode":"managed","type":"aws_subnet","name":"by_number","instances":[{"index_key":1,"attributes":{"id":"subnet-3"}}]}]}`

func TestTheStateListsWhatIsManaged(t *testing.T) {
	w := stateWorkspace(t, smallState)
	resources, err := w.Resources()
	require.NoError(t, err)
	assert.Equal(t, []Resource{
		{Address: "aws_vpc.one", Type: "aws_vpc", ID: "vpc-1", ARN: "arn:vpc-1"},
		{Address: `aws_subnet.by_key["a"]`, Type: "aws_subnet", ID: "subnet-1"},
		{Address: `aws_subnet.by_key["b"]`, Type: "aws_subnet", Tainted: true},
		{Address: "module.m[0].aws_subnet.by_number[1]", Type: "aws_subnet", ID: "subnet-3"},
	}, resources)
	outputs, err := w.Outputs()
	require.NoError(t, err)
	assert.Equal(t, map[string]json.RawMessage{"n": json.RawMessage("3")}, outputs)
}

func TestNoStateHasNoResources(t *testing.T) {
	w := stateWorkspace(t, "")
	resources, err := w.Resources()
	require.NoError(t, err)
	assert.Empty(t, resources)
	require.NoError(t, os.Remove(filepath.Join(w.dir, stateName)))
	_, err = w.Resources()
	assert.NoError(t, err)
	assert.NoError(t, w.Destroy(t.Context(), ApplyOptions{}), "a destroy of nothing needs no Terraform: the binary does not exist")
}

func TestADamagedStateIsPutAsideForTheBackup(t *testing.T) {
	for name, damaged := range map[string]string{"torn": smallState[:99], "another format": `{"version":3}`} {
		t.Run(name, func(t *testing.T) {
			w := stateWorkspace(t, damaged)
			_, err := w.Resources()
			require.ErrorIs(t, err, ErrStateDamaged)
			require.ErrorIs(t, w.Destroy(t.Context(), ApplyOptions{}), ErrStateDamaged)

			writeTest(t, filepath.Join(w.dir, backupName), smallState)
			aside, err := w.RecoverState()
			require.NoError(t, err)
			assert.Equal(t, damaged, readTest(t, aside), "nothing is thrown away")
			resources, err := w.Resources()
			require.NoError(t, err)
			assert.Len(t, resources, 4)
		})
	}
}

func TestADamagedStateWithoutASoundBackupLeavesNone(t *testing.T) {
	w := stateWorkspace(t, "{")
	writeTest(t, filepath.Join(w.dir, backupName), "{")
	aside, err := w.RecoverState()
	require.NoError(t, err)
	assert.FileExists(t, aside)
	assert.NoFileExists(t, filepath.Join(w.dir, stateName))
}

func TestASoundStateIsLeftAlone(t *testing.T) {
	w := stateWorkspace(t, smallState)
	aside, err := w.RecoverState()
	require.NoError(t, err)
	assert.Empty(t, aside)
	assert.Equal(t, smallState, readTest(t, filepath.Join(w.dir, stateName))) //nolint:testifylint // byte for byte
}
