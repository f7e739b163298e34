package policy

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func mustInput(t *testing.T, doc string) Input {
	t.Helper()
	in, err := ParseInput([]byte(doc))
	require.NoError(t, err, doc)
	return in
}

func TestASmoke(t *testing.T) {
	d := Evaluate(mustInput(t, `{"principal": "arn:aws:sts::111122223333:assumed-role/app/s1", "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k", "resourceAccount": "111122223333",
	"context": {"aws:SecureTransport": "true", "aws:TagKeys": ["team"]},
	"identityPolicies":[{"Version":"2012-10-17","Statement":{"Sid":"Read","Effect":"Allow","Action":"s3:Get*","Resource":"*"}}],
	"resourcePolicy":{"Version":"2012-10-17","Statement":{"Sid":"Tls","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":false}}}}
	}`))
	out, err := json.Marshal(d)
	require.NoError(t, err)
	t.Log(string(out))
	assert.Equal(t, Allow, d.Outcome)
}
