package policy

import (
	"math/rand"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestActionsMatchWithoutRegardToCaseAndResourcesWithIt(t *testing.T) {
	for _, row := range []struct {
		action, resource string
		want             Outcome
	}{
		{"s3:GetObject", objectARN, Allow},
		{"S3:GETOBJECT", objectARN, Allow},
		{"s3:getobjectacl", objectARN, Allow},
		{"s3:GetObject", "arn:aws:s3:::b/K", ImplicitDeny},
		{"s3:GetObject", "arn:aws:s3:::B/k", ImplicitDeny},
		{"s3:PutObject", objectARN, ImplicitDeny},
	} {
		in := Input{Request: Request{Principal: mustPrincipal(t, userARN), Action: row.action, Resource: row.resource}}
		in.IdentityPolicies = []*Policy{mustParse(t, document(`{"Effect": "Allow", "Action": "s3:getObject*", "Resource": "arn:aws:s3:::b/k"}`))}
		assert.Equal(t, row.want, Evaluate(in).Outcome, "%s %s", row.action, row.resource)
	}
}

func TestWildcardsCrossEverySeparator(t *testing.T) {
	for _, row := range []struct {
		pattern, text string
		want          bool
	}{
		{"*", "", true},
		{"*", "anything", true},
		{"arn:aws:s3:::b/*", "arn:aws:s3:::b/", true},
		{"arn:aws:s3:::b/*", "arn:aws:s3:::b/x/y/z", true},
		{"arn:aws:s3:::b/*", "arn:aws:s3:::b", false},
		{"arn:aws:s3:::b*", "arn:aws:s3:::bucket/x", true},
		{"arn:aws:s3:::b/*/z", "arn:aws:s3:::b/x/y/z", true},
		{"arn:aws:s3:::b/*/z", "arn:aws:s3:::b/z", false},
		{"arn:aws:iam::*:role/app-*", "arn:aws:iam::111122223333:role/app-1", true},
		{"arn:aws:s3:::b/??.txt", "arn:aws:s3:::b/ab.txt", true},
		{"arn:aws:s3:::b/??.txt", "arn:aws:s3:::b/abc.txt", false},
		{"arn:aws:s3:::b/?", "arn:aws:s3:::b/€", true},
		{"arn:aws:s3:::b/*??", "arn:aws:s3:::b/€", false},
		{"arn:aws:s3:::b/*??b*c", "arn:aws:s3:::b/€bXc", false}, // a character is not its bytes
		{"arn:aws:s3:::b/*a*b", "arn:aws:s3:::b/aabab", true},
		{"arn:aws:s3:::b/*a*b", "arn:aws:s3:::b/aaba", false},
	} {
		p := compileText(row.pattern, true, false)
		assert.Equal(t, truthOf(row.want), p.matches(row.text, nil), "%s against %s", row.pattern, row.text)
	}
}

func TestGlobsMatchAsTheEqualRegularExpressionDoes(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	letters := []string{"a", "B", "€", "*", "?", "*"}
	word := func(letters []string) string {
		var text strings.Builder
		for range random.Intn(8) {
			text.WriteString(letters[random.Intn(len(letters))])
		}
		return text.String()
	}
	for range 20000 {
		glob, text := word(letters), word(letters[:3])
		expression := strings.NewReplacer("*", ".*", "?", ".").Replace(glob)
		want := regexp.MustCompile("^" + expression + "$").MatchString(text)
		p := compileText(glob, true, false)
		assert.Equal(t, truthOf(want), p.matches(text, nil), "%q against %q", glob, text)
	}
}

func TestAPathologicalGlobTakesNoExponentialTime(t *testing.T) {
	p := compileText(strings.Repeat("*a", 200)+"b", true, false)
	assert.Equal(t, no, p.matches(strings.Repeat("a", 4000), nil))
}

func TestResourcesThatAWSDoesNotSupportAreUncertain(t *testing.T) {
	for pattern, want := range map[string]truth{
		"b/k":                                no, // no ARN, and it would not match either
		"*:b/k":                              maybe,
		"arn:aws:*:::b/k":                    maybe,
		"arn:aws:*:::other":                  no,
		"arn:aws:s3::${aws:userid, 'x'}:b/k": no,
		"arn:aws:s3:::b/${aws:username":      maybe,
	} {
		p := compileResource(pattern, true)
		assert.Equal(t, want, p.matches(objectARN, &requestContext{who: &Principal{}}), pattern)
	}
}

func TestAnActionWithoutACertainServiceIsUncertain(t *testing.T) {
	for _, row := range []struct {
		action string
		want   truth
	}{
		{"GetObject", maybe}, {"s3*", maybe}, {"PutObject", no},
		{"*:GetObject", maybe}, {"s?:*", maybe}, {"*:PutObject", no}, {"*:*", yes}, {"*", yes},
	} {
		s := statement{actions: compileAction(row.action)}
		e := newEvaluation(&Input{Request: Request{Action: "s3:GetObject"}})
		assert.Equal(t, row.want, e.actionMatches(&s), row.action)
	}
}

func TestNotElementsMatchEverythingElse(t *testing.T) {
	for _, row := range []struct {
		name, statement, action, resource string
		want                              Outcome
	}{
		{"NotAction allows another action", `{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}`, "s3:GetObject", objectARN, Allow},
		{"NotAction does not allow its own", `{"Effect": "Allow", "NotAction": ["iam:*", "s3:*"], "Resource": "*"}`, "s3:GetObject", objectARN, ImplicitDeny},
		{"an allow with NotAction is no deny", `{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"},
			{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}`, "s3:GetObject", objectARN, Allow},
		{"NotResource allows another resource", `{"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::secret/*"}`, "s3:GetObject", objectARN, Allow},
		{"NotResource does not allow its own", `{"Effect": "Allow", "Action": "s3:*", "NotResource": ["arn:aws:s3:::b/*", "arn:aws:s3:::b"]}`, "s3:GetObject", objectARN, ImplicitDeny},
		{"a deny with NotResource denies another", `{"Effect": "Allow", "Action": "*", "Resource": "*"},
			{"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::c/*"}`, "s3:GetObject", objectARN, ExplicitDeny},
		{"a deny with NotAction spares its own", `{"Effect": "Allow", "Action": "*", "Resource": "*"},
			{"Effect": "Deny", "NotAction": "s3:Get*", "Resource": "*"}`, "s3:GetObject", objectARN, Allow},
	} {
		t.Run(row.name, func(t *testing.T) {
			in := Input{Request: Request{Principal: mustPrincipal(t, userARN), Action: row.action, Resource: row.resource}}
			in.IdentityPolicies = []*Policy{mustParse(t, document(row.statement))}
			assert.Equal(t, row.want, Evaluate(in).Outcome)
		})
	}
}
