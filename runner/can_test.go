package runner

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"

	"labctl/checks/access"
)

func TestAQuestionThatMakesNoSenseIsAUsageError(t *testing.T) {
	var usage *UsageError
	var unknown *UnknownError
	assert.ErrorAs(t, asked(&access.MalformedError{Reason: "no"}), &usage)
	assert.ErrorAs(t, asked(&access.UnknownError{Kind: "bucket", Name: "b"}), &usage, "nothing to choose from was read")
	assert.ErrorAs(t, asked(&access.UnknownError{Kind: "role", Name: "teem", Valid: []string{"team"}}), &unknown)
	assert.Equal(t, "team", unknown.Nearest)

	other := errors.New("no connection")
	assert.Equal(t, other, asked(other))
	assert.NoError(t, asked(nil))
}
