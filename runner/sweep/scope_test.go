package sweep

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestATagThenThePlaceThenTheNameDecideWhoseSomethingIs(t *testing.T) {
	run := func(id string) map[string]string { return map[string]string{tagRun: id} }
	account := []found{
		{id: "vpc-a1", tags: run("a1")},
		{id: "vpc-a1-2", tags: run("a1")},
		{id: "vpc-a1-b", tags: run("a1-b")},
		{id: "vpc-stranger", tags: map[string]string{"team": "payroll"}},
		{id: "subnet-a1", in: []string{"vpc-a1"}},
		{id: "key-a1-b", part: true, tags: run("a1-b")},
	}
	tests := []struct {
		name  string
		scope Scope
		found found
		ours  bool
	}{
		{"its tag names the run", Scope{Run: "a1"}, found{tags: run("a1")}, true},
		{"its tag names another run", Scope{Run: "a1"}, found{tags: run("a2")}, false},
		{"its tag outweighs its name", Scope{Run: "a1"}, found{name: "labctl-a1-logs", tags: run("a2")}, false},
		{"its tag outweighs its VPC", Scope{Run: "a1"}, found{in: []string{"vpc-a1"}, tags: run("a2")}, false},
		{"it has nothing", Scope{Run: "a1"}, found{}, false},

		{"it lives in a VPC of the run", Scope{Run: "a1"}, found{in: []string{"vpc-a1"}}, true},
		{"it lives in a subnet in a VPC of the run", Scope{Run: "a1"}, found{in: []string{"subnet-a1"}}, true},
		{"it lives in two VPCs of the run", Scope{Run: "a1"}, found{in: []string{"vpc-a1", "vpc-a1-2"}}, true},
		{"it also lives in a stranger's VPC", Scope{Run: "a1"}, found{name: "labctl-a1-zone", in: []string{"vpc-a1", "vpc-stranger"}}, false},
		{"it also lives in another run's VPC", Scope{Run: "a1"}, found{in: []string{"vpc-a1", "vpc-a1-b"}}, false},
		{"it lives in another run's VPC, whatever its name", Scope{Run: "a1"}, found{name: "labctl-a1-x", in: []string{"vpc-a1-b"}}, false},
		{"it lives in a stranger's VPC", Scope{Run: "a1"}, found{in: []string{"vpc-stranger"}}, false},
		{"its key waits for deletion and was another run's", Scope{Run: "a1"}, found{name: "labctl-a1-b-key", in: []string{"key-a1-b"}}, false},
		{"its VPC is gone", Scope{Run: "a1"}, found{in: []string{"vpc-gone"}}, false},

		{"it connects the run's VPC and a stranger's", Scope{Run: "a1"}, found{ties: []string{"vpc-stranger", "vpc-a1"}}, true},
		{"it connects VPCs of others", Scope{Run: "a1"}, found{ties: []string{"vpc-stranger", "vpc-a1-b"}}, false},
		{"it connects the run's VPC but has another run's tag", Scope{Run: "a1"}, found{ties: []string{"vpc-a1", "vpc-a1-b"}, tags: run("a1-b")}, false},

		{"only its name says so", Scope{Run: "a1"}, found{name: "labctl-a1-logs"}, true},
		{"its name begins alike", Scope{Run: "a1"}, found{name: "labctl-a10-logs"}, false},
		{"its name is that of a longer run seen in the account", Scope{Run: "a1"}, found{name: "labctl-a1-b-logs"}, false},
		{"its name is that of a longer run which the caller knows", Scope{Run: "a1", OtherRuns: []string{"a1-c"}}, found{name: "labctl-a1-c-logs"}, false},
		{"its name is that of a longer run which the tagging API knows", Scope{Run: "a1"}, found{name: "labctl-a1-t-logs"}, false},
		{"the longer run asks for it", Scope{Run: "a1-b"}, found{name: "labctl-a1-b-logs"}, true},

		{"every run: a tag", Scope{Every: true}, found{tags: run("z9")}, true},
		{"every run: a place", Scope{Every: true}, found{in: []string{"vpc-a1-b"}}, true},
		{"every run: a name is not enough", Scope{Every: true}, found{name: "labctl-a1-logs"}, false},
		{"every run: the name of a run that the caller knows", Scope{Every: true, OtherRuns: []string{"a1"}}, found{name: "labctl-a1-logs"}, true},
		{"every run: the name of a longer run than the caller knows", Scope{Every: true, OtherRuns: []string{"a1"}}, found{name: "labctl-a1-b-logs"}, false},
		{"every run: a name is all that it can have", Scope{Every: true}, found{name: "labctl-a1-api", untaggable: true}, true},
		{"every run: a name of no run", Scope{Every: true}, found{name: "labctl-z9-api", untaggable: true}, false},
		{"every run: a stranger's", Scope{Every: true}, found{in: []string{"vpc-stranger"}}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := newOwners(test.scope, account, []string{"a1-t"})
			assert.Equal(t, test.ours, test.scope.includes(o.run(test.found)))
		})
	}
}

func TestAScopeNamesEitherARunOrEvery(t *testing.T) {
	for _, scope := range []Scope{{}, {Run: "a1", Every: true}} {
		_, err := new(Sweeper).List(t.Context(), scope)
		require.ErrorIs(t, err, ErrScope)
	}
}

func TestADeadlineThatNobodyCanReadIsNone(t *testing.T) {
	deadline := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	assert.Equal(t, deadline, found{tags: map[string]string{tagExpires: "2030-01-02T03:04:05Z"}}.expires())
	assert.Zero(t, found{tags: map[string]string{tagExpires: "tomorrow"}}.expires())
	assert.Zero(t, found{}.expires())
}
