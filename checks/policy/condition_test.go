package policy

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// holds answers a whole Condition block for a session of role/app.
func holds(t *testing.T, block string, context map[string][]string) truth {
	t.Helper()
	root, err := parseJSON([]byte(block))
	require.NoError(t, err)
	conditions, err := parseConditions(root, "Condition", true)
	require.NoError(t, err)
	who := mustPrincipal(t, sessionARN)
	ctx := requestContext{given: context, who: &who}
	all := yes
	for i := range conditions {
		all = both(all, conditions[i].holds(&ctx))
	}
	return all
}

// operatorRows has every operator with one value in the policy, and a value of a
// request that satisfies the operator and one that does not.
var operatorRows = []struct {
	operator, want string
	good, bad      string
	negated        bool
}{
	{"StringEquals", "a", "a", "A", false},
	{"StringNotEquals", "a", "A", "a", true},
	{"StringEqualsIgnoreCase", "a", "A", "b", false},
	{"StringNotEqualsIgnoreCase", "a", "b", "A", true},
	{"StringLike", "t?.*", "t2.micro", "m3.large", false},
	{"StringNotLike", "t?.*", "m3.large", "t2.micro", true},
	{"NumericEquals", "10", "10.0", "11", false},
	{"NumericNotEquals", "10", "11", "10", true},
	{"NumericLessThan", "10", "9.5", "10", false},
	{"NumericLessThanEquals", "10", "10", "10.01", false},
	{"NumericGreaterThan", "-1.5", "-1", "-1.5", false},
	{"NumericGreaterThanEquals", "10", "10", "9", false},
	{"DateEquals", "2024-01-01T00:00:00Z", "2024-01-01T01:00:00+01:00", "2024-01-01T00:00:01Z", false},
	{"DateNotEquals", "2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z", "1704067200", true},
	{"DateLessThan", "2024-01-01", "2023-12-31T23:59:59Z", "2024-01-01T00:00Z", false},
	{"DateLessThanEquals", "2024-01-01", "2024-01-01T00:00Z", "2024-01-01T00:00:01Z", false},
	{"DateGreaterThan", "1704067200", "2024-01-01T00:00:00.5Z", "2024", false},
	{"DateGreaterThanEquals", "2024-01", "2024-01-01", "2023-12", false},
	{"Bool", "true", "TRUE", "false", false},
	{"BinaryEquals", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", "BinaryValueInBase64", "other", false},
	{"IpAddress", "203.0.113.0/24", "203.0.113.255", "203.0.114.1", false},
	{"IpAddress", "2001:DB8:1234:5678::/64", "2001:db8:1234:5678::1", "2001:db8:1234:5679::1", false},
	{"IpAddress", "203.0.113.0/24", "::ffff:203.0.113.1", "::ffff:203.0.114.1", false},
	{"IpAddress", "::ffff:203.0.113.0/120", "203.0.113.1", "203.0.114.1", false},
	{"IpAddress", "203.0.113.7", "203.0.113.7", "203.0.113.8", false},
	{"NotIpAddress", "203.0.113.0/24", "2001:db8::1", "203.0.113.1", true},
	{"ArnEquals", "arn:aws:sns:*:111122223333:t", "arn:aws:sns:eu-west-1:111122223333:t", "arn:aws:sns:eu-west-1:111122223333:T", false},
	{"ArnLike", "arn:aws:s3:::b/*", "arn:aws:s3:::b/x:y/z", "arn:aws:s3:::c/x", false},
	{"ArnNotEquals", "arn:aws:s3:::b?", "arn:aws:s3:::b", "arn:aws:s3:::b1", true},
	{"ArnNotLike", "arn:aws:s3:::b/*", "arn:aws:s3:::c/x", "arn:aws:s3:::b/x", true},
}

func TestEveryOperatorAnswersForPresentAndAbsentKeysAndUnderEveryQualifier(t *testing.T) {
	for _, row := range operatorRows {
		t.Run(row.operator+" "+row.want, func(t *testing.T) {
			check := func(operator string, want bool, values ...string) {
				t.Helper()
				block := fmt.Sprintf(`{%q: {"aws:Key": %q}}`, operator, row.want)
				got := holds(t, block, map[string][]string{"aws:Key": values})
				assert.Equal(t, truthOf(want).String(), got.String(), "%s of %v", operator, values)
			}
			check(row.operator, true, row.good)
			check(row.operator, false, row.bad)
			check(row.operator, row.negated)

			check(row.operator+"IfExists", true, row.good)
			check(row.operator+"IfExists", false, row.bad)
			check(row.operator+"IfExists", true)

			check("ForAllValues:"+row.operator, true, row.good, row.good)
			check("ForAllValues:"+row.operator, false, row.good, row.bad)
			check("ForAllValues:"+row.operator, true)
			check("ForAllValues:"+row.operator, true, "")

			check("ForAnyValue:"+row.operator, true, row.bad, row.good)
			check("ForAnyValue:"+row.operator, false, row.bad, row.bad)
			check("ForAnyValue:"+row.operator, false)
			check("ForAnyValue:"+row.operator, false, "")

			check("ForAllValues:"+row.operator+"IfExists", true)
			check("ForAnyValue:"+row.operator+"IfExists", true)
			check("ForAnyValue:"+row.operator+"IfExists", false, row.bad)
		})
	}
}

func TestNullTestsWhetherTheKeyExists(t *testing.T) {
	for _, row := range []struct {
		wants  string
		values []string
		want   truth
	}{
		{`"true"`, nil, yes},
		{`"true"`, []string{}, yes},
		{`"true"`, []string{"x"}, no},
		{`"false"`, nil, no},
		{`false`, []string{"x"}, yes},
		{`["true", "false"]`, nil, yes},
		{`"perhaps"`, nil, maybe},
		{`[]`, nil, no},
	} {
		block := fmt.Sprintf(`{"Null": {"aws:TokenIssueTime": %s}}`, row.wants)
		got := holds(t, block, map[string][]string{"aws:TokenIssueTime": row.values})
		assert.Equal(t, row.want.String(), got.String(), "%s with %v", row.wants, row.values)
	}
}

func TestSeveralValuesAreOredAndNegatedOnesNored(t *testing.T) {
	for _, row := range []struct {
		block string
		value string
		want  truth
	}{
		{`{"StringEquals": {"k": ["a", "b"]}}`, "b", yes},
		{`{"StringEquals": {"k": ["a", "b"]}}`, "c", no},
		{`{"StringNotEquals": {"k": ["a", "b"]}}`, "b", no},
		{`{"StringNotEquals": {"k": ["a", "b"]}}`, "c", yes},
		{`{"NotIpAddress": {"k": ["10.0.0.0/8", "192.0.2.0/24"]}}`, "192.0.2.1", no},
		{`{"StringEquals": {"k": []}}`, "a", no},
		{`{"StringNotEquals": {"k": []}}`, "a", yes},
		{`{"StringEquals": {"k": "a"}, "StringLike": {"k": "b*"}}`, "a", no},
		{`{"StringLike": {"K": "a*"}, "StringNotEquals": {"k": "ab"}}`, "ac", yes},
	} {
		got := holds(t, row.block, map[string][]string{"k": {row.value}})
		assert.Equal(t, row.want.String(), got.String(), "%s with %s", row.block, row.value)
	}
}

// The tables of the IAM User Guide on DynamoDB attributes and tag keys.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
func TestSetOperatorsAnswerAsInTheUserGuide(t *testing.T) {
	const key = "dynamodb:requestedAttributes"
	for _, row := range []struct {
		block  string
		values []string
		want   bool
	}{
		{`{"ForAllValues:StringLike": {"dynamodb:requestedAttributes": ["PostDateTime", "Message", "Tags"]}}`, []string{"PostDateTime", "Message"}, true},
		{`{"ForAllValues:StringLike": {"dynamodb:requestedAttributes": ["PostDateTime", "Message", "Tags"]}}`, []string{"PostDateTime", "UserName"}, false},
		{`{"ForAnyValue:StringLike": {"dynamodb:requestedAttributes": ["ID", "PostDateTime"]}}`, []string{"UserName", "Message", "PostDateTime"}, true},
		{`{"ForAnyValue:StringLike": {"dynamodb:requestedAttributes": ["ID", "PostDateTime"]}}`, []string{"UserName"}, false},
		{`{"ForAllValues:StringNotEquals": {"dynamodb:requestedAttributes": ["ID"]}}`, []string{"Message", "Tags"}, true},
		{`{"ForAllValues:StringNotEquals": {"dynamodb:requestedAttributes": ["ID"]}}`, []string{"Message", "ID"}, false},
		{`{"ForAnyValue:StringNotEquals": {"dynamodb:requestedAttributes": ["ID"]}}`, []string{"Message", "ID"}, true},
		{`{"ForAnyValue:StringNotEquals": {"dynamodb:requestedAttributes": ["ID"]}}`, []string{"ID"}, false},
	} {
		got := holds(t, row.block, map[string][]string{key: row.values})
		assert.Equal(t, truthOf(row.want).String(), got.String(), "%s with %v", row.block, row.values)
	}
}

func TestAKeyWithSeveralValuesNeedsASetOperatorUnlessAllReadingsAgree(t *testing.T) {
	for _, row := range []struct {
		values []string
		want   truth
	}{{[]string{"a", "a"}, yes}, {[]string{"b", "c"}, no}, {[]string{"a", "b"}, maybe}} {
		got := holds(t, `{"StringEquals": {"k": "a"}}`, map[string][]string{"k": row.values})
		assert.Equal(t, row.want.String(), got.String(), "%v", row.values)
	}
}

func TestArnOperatorsWorkComponentByComponentAndStringOperatorsDoNot(t *testing.T) {
	// The example of the page on condition operators.
	context := map[string][]string{"k": {"arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"}}
	assert.Equal(t, yes, holds(t, `{"StringLike": {"k": "arn:aws:someservice:*:111122223333:finance/*"}}`, context))
	assert.Equal(t, no, holds(t, `{"ArnLike": {"k": "arn:aws:someservice:*:111122223333:finance/*"}}`, context))
	assert.Equal(t, yes, holds(t, `{"ArnLike": {"k": "*"}}`, context))
	assert.Equal(t, no, holds(t, `{"StringEquals": {"k": "arn:*"}}`, context), "only Like operators have wildcards")
}

func TestWhatTheEngineDoesNotKnowIsNeitherTrueNorFalse(t *testing.T) {
	for block, value := range map[string]string{
		`{"StringSoundsLike": {"k": "a"}}`:                    "a",
		`{"StringSoundsLikeIfExists": {"absent": "a"}}`:       "a",
		`{"ForMostValues:StringEquals": {"k": "a"}}`:          "a",
		`{"NullIfExists": {"k": "true"}}`:                     "a",
		`{"ForAnyValue:Null": {"k": "true"}}`:                 "a",
		`{"IfExists": {"k": "a"}}`:                            "a",
		`{"NumericEquals": {"k": "ten"}}`:                     "10",
		`{"NumericLessThan": {"k": "1e3"}}`:                   "10",
		`{"NumericNotEquals": {"k": "10"}}`:                   "ten",
		`{"NumericNotEquals": {"k": "1/2"}}`:                  "10",
		`{"DateLessThan": {"k": "tomorrow"}}`:                 "2024-01-01",
		`{"DateLessThan": {"k": "2024-01-01T00:00:00"}}`:      "2024-01-01",
		`{"DateGreaterThan": {"k": "2024-01-01"}}`:            "yesterday",
		`{"Bool": {"k": "yes"}}`:                              "true",
		`{"Bool": {"k": "true"}}`:                             "1",
		`{"BinaryEquals": {"k": "not base64!"}}`:              "a",
		`{"IpAddress": {"k": "203.0.113.0/33"}}`:              "203.0.113.1",
		`{"NotIpAddress": {"k": "203.0.113.0/24"}}`:           "somewhere",
		`{"ArnLike": {"k": "arn:aws:s3"}}`:                    "arn:aws:s3:::b",
		`{"ArnNotLike": {"k": "arn:aws:s3:::b"}}`:             "b",
		`{"StringEquals": {"k": "${aws:username"}}`:           "a",
		`{"StringNotEquals": {"k": ["b", "${'}"]}}`:           "a",
		`{"NumericEquals": {"k": ["ten", "11"]}}`:             "10",
		`{"StringEquals": {"k": "a"}, "What": {"k": "true"}}`: "a",
	} {
		assert.Equal(t, "maybe", holds(t, block, map[string][]string{"k": {value}}).String(), "%s with %s", block, value)
	}
}

func TestAKnownAnswerBeatsAnUnknownPartOfTheCondition(t *testing.T) {
	for block, want := range map[string]truth{
		`{"NumericEquals": {"k": ["ten", "10"]}}`:                      yes,
		`{"NumericNotEquals": {"k": ["ten", "10"]}}`:                   no,
		`{"StringSoundsLike": {"k": "a"}, "StringEquals": {"k": "9"}}`: no,
	} {
		assert.Equal(t, want.String(), holds(t, block, map[string][]string{"k": {"10"}}).String(), block)
	}
}

func TestOperatorAndKeyNamesIgnoreCase(t *testing.T) {
	context := map[string][]string{"aws:TagKeys": {"team"}, "AWS:sourceip": {"10.0.0.1"}}
	assert.Equal(t, yes, holds(t, `{"forallvalues:STRINGEQUALS": {"AWS:tagkeys": "team"}}`, context))
	twice := map[string][]string{"aws:x": {"small"}, "AWS:X": {"large"}, "aWs:x": {"mixed"}}
	for range 20 {
		assert.Equal(t, yes, holds(t, `{"StringEquals": {"aws:X": "large"}}`, twice), "the first spelling counts, whatever the order of the map")
	}
	assert.Equal(t, yes, holds(t, `{"ipaddressifexists": {"aws:SourceIp": "10.0.0.0/8"}}`, context))
}

func TestKeysOfThePrincipalAreDerivedUnlessTheRequestGivesThem(t *testing.T) {
	for block, want := range map[string]truth{
		`{"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/app"}}`: yes,
		`{"StringEquals": {"AWS:principalaccount": "111122223333"}}`:                yes,
		`{"StringEquals": {"aws:PrincipalType": "AssumedRole"}}`:                    yes,
		`{"Null": {"aws:username": "true", "aws:PrincipalIsAWSService": "true"}}`:   yes,
	} {
		assert.Equal(t, want.String(), holds(t, block, nil).String(), block)
	}
	given := map[string][]string{"aws:principalarn": {"arn:aws:iam::111122223333:role/path/app"}}
	assert.Equal(t, yes, holds(t, `{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/path/*"}}`, given))
}
