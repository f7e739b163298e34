package escalate

import (
	"net/url"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEveryPathIsDocumentedAndNamedOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, path := range Paths() {
		assert.False(t, seen[path.ID], path.ID)
		seen[path.ID] = true
		assert.NotEmpty(t, path.Title, path.ID)
		assert.NotEmpty(t, path.Gains, path.ID)
		assert.NotEmpty(t, path.Calls, path.ID)
		source, err := url.Parse(path.Source)
		require.NoError(t, err, path.ID)
		assert.Equal(t, "https", source.Scheme, path.ID)
	}
}

func actionsOfPath(p Path) []string {
	var actions []string
	for _, call := range p.Calls {
		if !slices.Contains(actions, call.Action) {
			actions = append(actions, call.Action)
		}
	}
	return actions
}

// The principal of the following tests carries a boundary that allows everything, so that the paths out of a boundary
// lead somewhere.
func pathSubject(t *testing.T, statements ...string) Subject {
	s := subject(t, devUser, statements...)
	s.PermissionsBoundary, s.BoundaryARN = parse(t, allow("*", "*")), boundary
	return s
}

func TestEveryPathIsOpenWhereItsCallsAreAllowedEverywhere(t *testing.T) {
	for _, path := range Paths() {
		t.Run(path.ID, func(t *testing.T) {
			got := result(t, Evaluate(pathSubject(t, allow("*", actionsOfPath(path)...)), nil), path.ID)
			require.Equal(t, Open, got.Status, got.Note)
			require.Len(t, got.Steps, len(path.Calls))
			for i, step := range got.Steps {
				assert.NotEmpty(t, step.Decision.By(), "step %d names the statement that allows it", i)
				assert.NotContains(t, step.Resource, "PARTITION")
			}
		})
	}
}

func TestEveryPathIsClosedWithoutAnyOneOfItsCalls(t *testing.T) {
	for _, path := range Paths() {
		actions := actionsOfPath(path)
		for i, missing := range actions {
			t.Run(path.ID+" without "+missing, func(t *testing.T) {
				rest := slices.Delete(slices.Clone(actions), i, i+1)
				got := result(t, Evaluate(pathSubject(t, allow("*", append(rest, "s3:GetObject")...)), nil), path.ID)
				assert.Equal(t, Closed, got.Status)
				assert.Empty(t, got.Note)

				got = result(t, Evaluate(pathSubject(t, allow("*", "*"), deny("*", missing)), nil), path.ID)
				assert.Equal(t, Closed, got.Status, "denied")
			})
		}
	}
}

func TestEveryPathIsInconclusiveWhereTheEngineDoesNotKnow(t *testing.T) {
	for _, path := range Paths() {
		actions := actionsOfPath(path)
		for _, doubtful := range actions {
			t.Run(path.ID+" with doubt about "+doubtful, func(t *testing.T) {
				s := pathSubject(t, allow("*", actions...), when(deny("*", doubtful), "StringSounds", "aws:SourceIp", "alike"))
				got := result(t, Evaluate(s, nil), path.ID)
				assert.Equal(t, Inconclusive, got.Status)
			})
		}
	}
}
