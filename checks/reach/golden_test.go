package reach

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got))
}

func TestTracesOfTheLabReadAsTheyShould(t *testing.T) {
	b := lab()
	b.aclEntries("acl-data", "50 out deny tcp/50000-65535 10.16.11.0/24")
	var snapshot bytes.Buffer
	require.NoError(t, Encode(&snapshot, &b.Network))
	golden(t, "lab.json", snapshot.Bytes())

	n, err := Decode(&snapshot)
	require.NoError(t, err)
	e := New(n)
	for file, question := range map[string]string{
		"trace-app-db.json":        "eni-app-a eni-db-b tcp/5432",
		"trace-app-b-db.json":      "eni-app-b eni-db-b tcp/5432",
		"trace-app-internet.json":  "eni-app-a internet tcp/443",
		"trace-internet-web.json":  "internet eni-web-a tcp/443",
		"trace-dev-app.json":       "eni-dev eni-app-a tcp/8080",
		"trace-app-tools.json":     "subnet-app-b subnet-tools tcp/443",
		"trace-internet-data.json": "internet subnet-data-a tcp/5432",
	} {
		t.Run(file, func(t *testing.T) {
			text, err := json.MarshalIndent(ask(t, e, question), "", "  ")
			require.NoError(t, err)
			golden(t, file, append(text, '\n'))
		})
	}
}

func TestTheJSONOfAnAnswerHasTheKeysOfTheContract(t *testing.T) {
	e := New(&lab().Network)
	keys := func(v any) (out []string) {
		for k := range v.(map[string]any) {
			out = append(out, k)
		}
		return out
	}
	for question, want := range map[string][]string{
		"eni-app-a eni-db-b tcp/5432": {"verdict", "path"},
		"eni-dev eni-db-b tcp/5432":   {"verdict", "path", "blockedBy"},
	} {
		text, err := json.Marshal(ask(t, e, question))
		require.NoError(t, err)
		var got map[string]any
		require.NoError(t, json.Unmarshal(text, &got))
		assert.ElementsMatch(t, want, keys(got))
		hop := []string{"component", "id", "direction", "decision", "explanation"}
		assert.ElementsMatch(t, hop, keys(got["path"].([]any)[0]))
		if block, ok := got["blockedBy"]; ok {
			assert.ElementsMatch(t, append(hop, "change"), keys(block))
		}
	}
}
