package access

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"labctl/checks/policy"
)

// chosen are the values that the requests give a key; "" where one leaves it out.
func chosen(t *testing.T, document, key string, known map[string][]string) []string {
	t.Helper()
	p, err := policy.Parse([]byte(document))
	require.NoError(t, err)
	var values []string
	for in := range Chosen(policy.Input{Request: policy.Request{Action: "s3:GetObject", Context: known}, IdentityPolicies: []*policy.Policy{p}}) {
		if v := in.Context[key]; len(v) > 0 {
			values = append(values, v[0])
		} else {
			values = append(values, "")
		}
	}
	return values
}

func TestWhatACallerCanChooseIsLeftOutAnsweredAndAnsweredOtherwise(t *testing.T) {
	statement := func(action, condition string) string {
		return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"` + action + `","Resource":"*","Condition":` + condition + `}}`
	}
	for name, row := range map[string]struct {
		document, key string
		known         map[string][]string
		want          []string
	}{
		"a text":               {statement("s3:*", `{"StringEquals":{"s3:prefix":"a"}}`), "s3:prefix", nil, []string{"", Stranger, "a"}},
		"a pattern":            {statement("s3:Get*", `{"StringLike":{"s3:prefix":"a/*"}}`), "s3:prefix", nil, []string{"", Stranger, "a/" + Stranger}},
		"truth is no text":     {statement("*", `{"BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}}`), "aws:MultiFactorAuthPresent", nil, []string{"", "true", "false"}},
		"a number is no text":  {statement("*", `{"NumericLessThan":{"s3:max-keys":"10"}}`), "s3:max-keys", nil, []string{"", "10", "9", "11"}},
		"a network is no text": {statement("*", `{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`), "aws:SourceIp", nil, []string{"", "10.0.0.0"}},
		"what is known":        {statement("*", `{"StringEquals":{"s3:prefix":"a"}}`), "s3:prefix", map[string][]string{"S3:Prefix": {"b"}}, []string{""}},
		"who calls":            {statement("*", `{"StringEquals":{"aws:PrincipalTag/team":"a"}}`), "aws:PrincipalTag/team", nil, []string{""}},
		"another action":       {statement("s3:Put*", `{"StringEquals":{"s3:prefix":"a"}}`), "s3:prefix", nil, []string{""}},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, row.want, chosen(t, row.document, row.key, row.known)) })
	}
}

func TestNamesThatPoliciesSingleOutBelowAPlaceAreFound(t *testing.T) {
	const bucket = "arn:aws:s3:::drafts/"
	for name, row := range map[string]struct{ action, pattern, want string }{
		"a folder":               {"s3:Delete*", "arn:aws:s3:::drafts/tmp/*", bucket + "tmp/" + Stranger},
		"a folder of any bucket": {"s3:DeleteObject", "arn:aws:s3:::*/tmp/*", bucket + "tmp/" + Stranger},
		"buckets by their name":  {"*", "arn:aws:s3:::dr?fts/a", bucket + "a"},
		"everything":             {"*", "*", bucket + Stranger},
		"another bucket":         {"*", "arn:aws:s3:::papers/tmp/*", ""},
		"another action":         {"s3:Put*", "arn:aws:s3:::drafts/tmp/*", ""},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := policy.Parse([]byte(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"` + row.action + `","Resource":"` + row.pattern + `"}}`))
			require.NoError(t, err)
			found := Within(policy.Input{Request: policy.Request{Action: "s3:DeleteObject"}, IdentityPolicies: []*policy.Policy{p}}, bucket)
			if row.want == "" {
				assert.Empty(t, found)
				return
			}
			assert.Contains(t, found, row.want)
		})
	}
}
