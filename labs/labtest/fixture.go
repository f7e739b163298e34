package labtest

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"labctl/checks/inventory"
)

// Encode writes facts as [inventory.DecodeFacts] reads them, in the form of a network snapshot with further lists and
// without the lists that are nil.
func Encode(t *testing.T, facts inventory.Facts) []byte {
	t.Helper()
	lists := map[string]json.RawMessage{}
	for _, part := range []any{facts.Network, facts} {
		data, err := json.Marshal(part)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(data, &lists))
	}
	for name, value := range lists {
		if string(value) == "null" {
			delete(lists, name)
		}
	}
	data, err := json.MarshalIndent(lists, "", " ")
	require.NoError(t, err)
	return append(data, '\n')
}
