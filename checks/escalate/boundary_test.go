package escalate

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestABoundaryIsJudgedByWhatItSaysAboutWhoeverGetsTheRights(t *testing.T) {
	admin := func(whom string) Subject {
		s := subject(t, devRole, when(allow("arn:aws:iam::111122223333:role/app/*", "iam:PutRolePolicy"), "StringEquals", "iam:PermissionsBoundary", boundary))
		s.PermissionsBoundary = parse(t, allow("*", "s3:GetObject"), when(allow("*", "iam:*"), "ArnLike", "aws:PrincipalArn", whom))
		s.BoundaryARN = boundary
		return s
	}
	t.Run("one that widens for the administrator alone holds the roles below", func(t *testing.T) {
		got := result(t, Evaluate(admin(devRole), nil), "put-role-policy")
		assert.Equal(t, Closed, got.Status)
		assert.Contains(t, got.Note, "stays the ceiling")
	})
	t.Run("one that widens for the roles below as well does not", func(t *testing.T) {
		assert.Equal(t, Open, result(t, Evaluate(admin("arn:aws:iam::111122223333:role/*"), nil), "put-role-policy").Status)
	})
}

func TestWhatMayBeAttachedBelowACeilingDoesNotMatter(t *testing.T) {
	s := bounded(t, subject(t, devRole, statement("Allow", "arn:aws:iam::111122223333:role/app/*", `, "Condition": {
		"StringEquals": {"iam:PermissionsBoundary": "`+boundary+`"}, "ArnLike": {"iam:PolicyARN": "arn:aws:iam::111122223333:policy/app/*"}}`, []string{"iam:AttachRolePolicy"})))
	got := result(t, Evaluate(s, nil), "attach-role-policy")
	assert.Equal(t, Closed, got.Status)
	assert.Contains(t, got.Note, "stays the ceiling")
}
