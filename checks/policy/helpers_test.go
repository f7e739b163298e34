package policy

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	account = "111122223333"
	foreign = "999988887777"

	userARN    = "arn:aws:iam::111122223333:user/alice"
	roleARN    = "arn:aws:iam::111122223333:role/app"
	sessionARN = "arn:aws:sts::111122223333:assumed-role/app/s1"
	rootARN    = "arn:aws:iam::111122223333:root"

	bucketARN = "arn:aws:s3:::b"
	objectARN = "arn:aws:s3:::b/k"
)

func mustParse(t testing.TB, doc string) *Policy {
	t.Helper()
	parsed, err := Parse([]byte(doc))
	require.NoError(t, err, doc)
	return parsed
}

func mustPrincipal(t testing.TB, text string) Principal {
	t.Helper()
	if text == "anonymous" {
		return Anonymous()
	}
	principal, err := ParsePrincipal(text)
	require.NoError(t, err)
	return principal
}

func mustInput(t testing.TB, doc string) Input {
	t.Helper()
	in, err := ParseInput([]byte(doc))
	require.NoError(t, err, doc)
	return in
}

// document wraps statements in a policy of the current language version.
func document(statements string) string {
	return `{"Version": "2012-10-17", "Statement": [` + statements + `]}`
}

// allows is a policy that allows one action everywhere, denies one that denies it.
func allows(t testing.TB, action string) *Policy { return grant(t, "Allow", "", action) }

func denies(t testing.TB, action string) *Policy { return grant(t, "Deny", "", action) }

// resourcePolicy is a resource policy with one statement for one Principal value.
func resourcePolicy(t testing.TB, effect, principal, action string) *Policy {
	return grant(t, effect, fmt.Sprintf(`"Principal": %s,`, principal), action)
}

func grant(t testing.TB, effect, principal, action string) *Policy {
	t.Helper()
	return mustParse(t, document(fmt.Sprintf(`{"Effect": %q, %s "Action": %q, "Resource": "*"}`, effect, principal, action)))
}

func aws(arn string) string { return fmt.Sprintf(`{"AWS": %q}`, arn) }

// truthNames show what a test got.
func (t truth) String() string { return [...]string{"no", "maybe", "yes"}[t] }
