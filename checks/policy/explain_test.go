package policy

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestDecisionsExplainThemselves compares the JSON answer to each testdata/*.json
// with the golden file beside it.
func TestDecisionsExplainThemselves(t *testing.T) {
	inputs, err := filepath.Glob("testdata/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, inputs)
	for _, path := range inputs {
		t.Run(filepath.Base(path), func(t *testing.T) {
			doc, err := os.ReadFile(path)
			require.NoError(t, err)
			var got bytes.Buffer
			encoder := json.NewEncoder(&got)
			encoder.SetEscapeHTML(false)
			encoder.SetIndent("", "  ")
			require.NoError(t, encoder.Encode(Evaluate(mustInput(t, string(doc)))))
			golden := strings.TrimSuffix(path, ".json") + ".golden"
			if *update {
				require.NoError(t, os.WriteFile(golden, got.Bytes(), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(want), got.String())
		})
	}
}

func TestDetailsNameTheConditionThatStoodInTheWay(t *testing.T) {
	in := Input{Request: Request{Principal: mustPrincipal(t, userARN), Action: "s3:GetObject", Resource: objectARN}}
	in.IdentityPolicies = []*Policy{mustParse(t, document(`
		{"Sid": "Far", "Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::other"},
		{"Sid": "Near", "Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/team": "red"}}}`))}
	details := Evaluate(in).Details()
	assert.Equal(t, []Layer{IdentityBased, ResourceBased}, details.Blocked)
	require.Len(t, details.Near, 2)
	assert.Equal(t, "Near", details.Near[0].Sid)
	assert.Equal(t, []ConditionFinding{{Operator: "StringEquals", Key: "aws:PrincipalTag/team", Wants: []string{"red"}}}, details.Near[0].Conditions)
	assert.Equal(t, "Far", details.Near[1].Sid)
	assert.Empty(t, details.Deciding)
}

func TestDetailsTellWhatADenyCovers(t *testing.T) {
	in := Input{Request: Request{Principal: mustPrincipal(t, userARN), Action: "s3:GetObject", Resource: objectARN}}
	in.IdentityPolicies = []*Policy{denies(t, "s3:*")}
	assert.Equal(t, ImplicitDeny, Evaluate(in).Details().Otherwise)
	in.IdentityPolicies = append(in.IdentityPolicies, allows(t, "s3:*"))
	assert.Equal(t, Allow, Evaluate(in).Details().Otherwise)
}
