package backup

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestComplianceModeIsRefusedWithItsDates(t *testing.T) {
	all := options()
	require.Len(t, all, 1)
	mode := all[0]
	now := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	assert.Empty(t, mode.Refusal(governance, now))
	refusal := mode.Refusal(compliance, now)
	assert.Contains(t, refusal, "2030-01-03 03:04 UTC", "a document stays for a day")
	assert.Contains(t, refusal, "2030-04-02 03:04 UTC", "a copy stays for 90 days")

	assert.Equal(t, governance, mode.Values[0], "what is made where nothing is chosen")
	assert.Equal(t, map[string]any{"lock_mode": "GOVERNANCE", "allow_compliance_lock": false}, mode.Variables(governance))
	assert.Equal(t, map[string]any{"lock_mode": "COMPLIANCE", "allow_compliance_lock": true}, mode.Variables(compliance))
}

func TestAPolicyIsChangedInOnePlaceOnly(t *testing.T) {
	const text = `{"Version":"2012-10-17","Id":"x","Statement":[` +
		`{"Action":["kms:DescribeKey","kms:Decrypt"],"Effect":"Allow","Principal":{"AWS":"arn:r"},"Resource":"*","Sid":"RestoreReads"},` +
		`{"Action":["kms:Decrypt"],"Effect":"Allow","Principal":{"AWS":["arn:r","arn:b"]},"Resource":"*"},` +
		`{"Action":["kms:Decrypt"],"Effect":"Deny","Principal":{"AWS":"arn:r"},"Resource":"*"}]}`
	d, err := readDocument(text)
	require.NoError(t, err)
	assert.False(t, d.dropFor("arn:x", "kms:Decrypt"), "nobody's")
	assert.JSONEq(t, text, d.String())
	assert.Len(t, d.denials(), 1)
	assert.True(t, d.dropFor("arn:r", "kms:Decrypt"))
	assert.NotContains(t, d.String(), `["kms:DescribeKey","kms:Decrypt"]`)
	assert.Contains(t, d.String(), `["kms:DescribeKey"]`)
	assert.Contains(t, d.String(), `{"AWS":["arn:r","arn:b"]}`)

	_, err = readDocument(`{"Statement":{"Effect":"Allow"}}`)
	require.Error(t, err)
}
